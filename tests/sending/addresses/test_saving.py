"""URLs are checked when a webhook is saved."""

import time

import pytest

from app.domain.addresses.urls import check_url
from app.domain.common.errors import Invalid
from app.sending.addresses import saving
from app.sending.addresses.guard import Guard
from app.sending.addresses.saving import check_saved_url
from tests.support.servers.names import NameServer

PROMISED_SECONDS = saving.LONGEST_SECONDS


@pytest.fixture
def names(name_server: NameServer, monkeypatch: pytest.MonkeyPatch) -> NameServer:
    # A busy machine takes longer to respond, but then it does.
    monkeypatch.setattr(saving, "LONGEST_SECONDS", 30.0)
    name_server.names.update(
        {
            "public.test": ["93.184.216.34"],
            "inside.test": ["10.0.0.1", "::1"],
            "mixed.test": ["10.0.0.1", "93.184.216.34"],
            "empty.test": [],
        }
    )
    name_server.broken.add("broken.test")
    return name_server


@pytest.mark.parametrize(
    "url",
    [
        "https://public.test/hook",
        "https://mixed.test/",
        "https://missing.test/",
        "https://empty.test/",
        "https://broken.test/",
        "https://93.184.216.34/",
        "http://[2606:4700::1111]/",
    ],
)
def test_a_url_without_a_known_blocked_address_passes(url: str, names: NameServer) -> None:
    check_saved_url(check_url(url), Guard(), dns_servers=(names.address,))


@pytest.mark.parametrize(
    "url",
    [
        "https://inside.test/hook",
        "http://10.0.0.1/",
        "http://127.0.0.1:8000/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/",
    ],
)
def test_a_url_with_only_blocked_addresses_is_refused(url: str, names: NameServer) -> None:
    with pytest.raises(Invalid) as refusal:
        check_saved_url(check_url(url), Guard(), dns_servers=(names.address,), field="callback")
    [error] = refusal.value.errors
    assert (error.field, error.code) == ("callback", "address")
    assert error.problem == "Blocked address: requests from here to this address are not allowed."


def test_an_exempt_url_passes(names: NameServer) -> None:
    guard = Guard((), exempt=lambda url: url == "http://127.0.0.1:8000/catch/1")
    check_saved_url(check_url("http://127.0.0.1:8000/catch/1"), guard)
    with pytest.raises(Invalid):
        check_saved_url(check_url("http://127.0.0.1:8000/catch/2"), guard)


def test_an_unresponsive_name_server_takes_at_most_two_seconds(
    names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "LONGEST_SECONDS", PROMISED_SECONDS)
    names.silent.add("silent.test")
    began = time.monotonic()
    check_saved_url(check_url("https://silent.test/"), Guard(), dns_servers=(names.address,))
    # Forgotten, it would take c-ares several times as long.
    assert 1.9 < time.monotonic() - began < 6
