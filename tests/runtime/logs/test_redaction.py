"""Secrets in texts of others."""

import pytest

from app.runtime.logs.redaction import HIDDEN, redactor

SETTINGS = {
    "SECRET_KEY": 'one"secret\\key-0123456789-abcdefgh',
    "SECRET_KEY_PREVIOUS": "earlier-key-0123456789, another-key-0123456789",
    "PLATFORM_API_KEY": "platform-key-0123456789",
    "OIDC_CLIENT_SECRET": "client-secret",
    "DATABASE_URL": "postgresql://callboard:data%40base@db/callboard",
    "REDIS_URL": "redis://:redis-password@cache:6379",
    "SMTP_URL": "smtp://me:mail-password@mail",
    "DELIVERY_PROXY": "socks5://me:proxy-password@proxy:1080",
    "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=seven77, authorization=Key%20of-the-collector",
}


@pytest.mark.parametrize(
    "secret",
    [
        'one"secret\\key-0123456789-abcdefgh',
        'one\\"secret\\\\key-0123456789-abcdefgh',
        "another-key-0123456789",
        "platform-key-0123456789",
        "client-secret",
        "data@base",
        "data%40base",
        "redis-password",
        "mail-password",
        "proxy-password",
        "Key%20of-the-collector",
        "Key of-the-collector",
        "cb_01a1fcfe8e4c7957944b6ce6ac050e1f_a-Long~Secret!",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=",
    ],
)
def test_a_secret_is_hidden_wherever_it_appears(secret: str) -> None:
    redact = redactor(SETTINGS)
    assert redact(f"it was {secret} there") == f"it was {HIDDEN} there"
    assert secret not in redact(f'{{"key":"{secret}"}}')


@pytest.mark.parametrize("secret", ["redis%2Fown", "redis/own", "sentinels+own", "sentinels own"])
def test_both_passwords_of_a_url_of_sentinels_are_hidden(secret: str) -> None:
    url = "redis+sentinel://:redis%2Fown@a:1,[::1]:2/name?sentinel_password=sentinels+own&ssl_x=1"
    assert redactor({"REDIS_URL": url})(f"it was {secret} there") == f"it was {HIDDEN} there"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /sign-in/link/Wy.abc-d HTTP/1.1", f"GET /sign-in/link/{HIDDEN} HTTP/1.1"),
        ("GET /catch/AbCdEfGh12345678?a=1", f"GET /catch/{HIDDEN}?a=1"),
        ("https://u:p4ssw0rd@example.com/x", f"https://{HIDDEN}@example.com/x"),
        ("Authorization: Bearer abcdef123", f"Authorization: Bearer {HIDDEN}"),
        ("webhook 01a1fcfe-8e4c-7957-944b-6ce6ac050e1f", None),
        ("https://example.com/hook failed", None),
    ],
)
def test_credentials_in_urls_and_headers_are_hidden(text: str, shown: str | None) -> None:
    assert redactor({})(text) == (shown or text)
