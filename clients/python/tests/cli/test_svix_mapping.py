"""What Svix's documents become, without a server."""

import pytest

from callboard.cli.importing.svix_api import url_of
from callboard.cli.importing.svix_mapping import event_type, webhook

ENDPOINT = {
    "id": "ep_1", "uid": "main", "url": "https://receiver.example.com/hook",
    "description": "Main receiver", "version": 3, "disabled": False,
    "filterTypes": ["user.created"], "channels": None, "rateLimit": 20,
    "metadata": {"team": "video"}, "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z",
}  # fmt: skip
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("token", "url"),
    [
        ("testsk_abc.eu", "https://api.eu.svix.com"),
        ("sk_abc.us", "https://api.us.svix.com"),
        ("sk_abc", "https://api.svix.com"),
        ("sk_abc.evil.example", "https://api.svix.com"),
    ],
)
def test_a_token_says_where_its_environment_is(token, url):
    assert url_of(token) == url


def test_credentials_in_headers_become_secret_headers():
    mapped = webhook(ENDPOINT, SECRET, {"X-Api-Key": "1", "X-A": "2"}, [], has_transformation=False)
    assert mapped.settings["headers"] == {"X-A": "2"}
    assert mapped.settings["secret_headers"] == {"X-Api-Key": "1"}


def test_asymmetric_secrets_keep_their_kind():
    mapped = webhook(ENDPOINT, "whsk_x", {}, [], has_transformation=False)
    assert mapped.settings["signing"] == "v1a"


@pytest.mark.parametrize("name", ["", "with space", "ä"])
def test_names_that_are_none_here_are_told(name):
    assert event_type({"name": name}).problem
