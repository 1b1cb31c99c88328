from pathlib import Path

import pytest

from app.runtime.configuration.settings import ConfigError, load_settings

SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"


def test_previous_secret_keys_are_a_list() -> None:
    environ = {"SECRET_KEY": SECRET, "SECRET_KEY_PREVIOUS": f"{SECRET[::-1]}, {SECRET[5:]}a1b2c3"}
    assert load_settings(environ).secret_key_previous == (SECRET[::-1], f"{SECRET[5:]}a1b2c3")
    assert load_settings({"SECRET_KEY": SECRET}).secret_key_previous == ()


def test_a_short_previous_secret_key_is_refused_without_showing_it() -> None:
    environ = {"SECRET_KEY": SECRET, "SECRET_KEY_PREVIOUS": f"{SECRET},tooshort"}
    with pytest.raises(ConfigError, match="SECRET_KEY_PREVIOUS must") as raised:
        load_settings(environ)
    assert "tooshort" not in str(raised.value)


def test_a_stored_secret_key_is_used_if_none_is_set(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(f"{SECRET}\n")
    environ = {"DATA_DIR": str(tmp_path)}
    assert load_settings(environ).secret_key == SECRET
    assert load_settings(environ | {"SECRET_KEY": SECRET[::-1]}).secret_key == SECRET[::-1]


OIDC = {
    "SECRET_KEY": SECRET,
    "OIDC_ISSUER": "https://id.example.com/",
    "OIDC_CLIENT_ID": "callboard",
    "OIDC_CLIENT_SECRET": "secret",
}
ORGANIZATION = "0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"


def test_openid_connect_has_defaults_that_create_no_accounts() -> None:
    oidc = load_settings(OIDC).oidc
    assert oidc is not None
    assert (oidc.name, oidc.domains, oidc.default_role) == ("SSO", {}, "viewer")
    assert load_settings({"SECRET_KEY": SECRET}).oidc is None


def test_email_domains_name_the_organization_that_new_people_join() -> None:
    domains = f"Example.com={ORGANIZATION}, partner.example, *={ORGANIZATION}"
    oidc = load_settings(OIDC | {"OIDC_EMAIL_DOMAINS": domains}).oidc
    assert oidc is not None
    expected = {"example.com": ORGANIZATION, "partner.example": None, "*": ORGANIZATION}
    assert oidc.domains == expected


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"OIDC_ISSUER": "http://id.example.com"}, "OIDC_ISSUER must be an https URL"),
        ({"OIDC_ISSUER": "id.example.com"}, "OIDC_ISSUER must be an https URL"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID must be set"),
        ({"OIDC_CLIENT_SECRET": " "}, "OIDC_CLIENT_SECRET must be set"),
        ({"OIDC_EMAIL_DOMAINS": "example.com=acme"}, "OIDC_EMAIL_DOMAINS must be"),
        ({"OIDC_EMAIL_DOMAINS": "@example.com"}, "OIDC_EMAIL_DOMAINS must be"),
        ({"OIDC_DEFAULT_ROLE": "admin"}, "OIDC_DEFAULT_ROLE must be one of owner, member, viewer"),
        ({"OIDC_ROLE_CLAIM": "groups"}, "must be set together"),
        ({"OIDC_ROLE_CLAIM": "groups", "OIDC_ROLES": "ops=admin"}, "OIDC_ROLES must be"),
        ({"OIDC_ROLE_CLAIM": "groups", "OIDC_ROLES": "ops=owner"}, "OIDC_EMAIL_DOMAINS must name"),
        ({"PASSWORD_SIGN_IN": "no"}, "PASSWORD_SIGN_IN must be one of on, off"),
        ({"PASSWORD_SIGN_IN": "off", "OIDC_ISSUER": ""}, "nobody could sign in"),
    ],
)
def test_settings_of_sign_in_are_checked_at_start(wrong: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_settings(OIDC | wrong)


@pytest.mark.parametrize(
    "key",
    [
        "short",
        "aaaaaaaaaaaaaaaa",
        "changemechangeme",
        "1234567890123456",
        "abcdefghijklmnop",
        "zyxwvutsrqponmlk",
        "qwertyuiopasdfgh",
    ],
)
def test_a_weak_platform_key_is_refused(key: str) -> None:
    environ = {"SECRET_KEY": "a-secret-key-for-tests-only-0123456789", "PLATFORM_API_KEY": key}
    with pytest.raises(ConfigError, match="PLATFORM_API_KEY"):
        load_settings(environ)


@pytest.mark.parametrize("key", ["platform-key-for-tests", "Zt4kQ9vX2mLp7RwB", "0f9e8d7c6b5a4321"])
def test_a_random_platform_key_is_accepted(key: str) -> None:
    environ = {"SECRET_KEY": "a-secret-key-for-tests-only-0123456789", "PLATFORM_API_KEY": key}
    assert load_settings(environ).platform_api_key == key


TRACES = {"SECRET_KEY": SECRET, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/"}


def test_traces_are_off_unless_a_collector_is_named() -> None:
    for endpoint in ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}):
        more = {"OTEL_EXPORTER_OTLP_HEADERS": "a=b", "OTEL_TRACES_SAMPLER_ARG": "wrong"}
        assert load_settings({"SECRET_KEY": SECRET} | more | endpoint).otlp is None


def test_a_collector_has_defaults_and_headers() -> None:
    otlp = load_settings(TRACES | {"OTEL_TRACES_SAMPLER_ARG": "0.25"}).otlp
    assert otlp is not None
    assert (otlp.traces_url, otlp.ratio) == ("http://collector:4318/v1/traces", 0.25)
    assert (otlp.service_name, otlp.headers) == ("callboard", {})
    headers = "Authorization=Bearer%20key, x-tenant = 7"
    otlp = load_settings(TRACES | {"OTEL_EXPORTER_OTLP_HEADERS": headers}).otlp
    assert otlp is not None
    assert otlp.headers == {"authorization": "Bearer key", "x-tenant": "7"}
    assert "Bearer" not in repr(otlp)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT must"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "hidden-key"}, "OTEL_EXPORTER_OTLP_HEADERS must"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "x y=hidden-key"}, "OTEL_EXPORTER_OTLP_HEADERS must"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "a=hidden-key%0a"}, "OTEL_EXPORTER_OTLP_HEADERS must"),
        ({"OTEL_TRACES_SAMPLER_ARG": "1.5"}, "OTEL_TRACES_SAMPLER_ARG must be a number from 0"),
        ({"OTEL_TRACES_SAMPLER_ARG": "nan"}, "OTEL_TRACES_SAMPLER_ARG must be a number from 0"),
    ],
)
def test_wrong_settings_of_traces_are_refused_by_name(wrong: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        load_settings(TRACES | wrong)
    assert "hidden-key" not in str(raised.value)
