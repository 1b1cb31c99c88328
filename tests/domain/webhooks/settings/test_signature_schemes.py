"""Which signature schemes go with which other settings."""

import pytest

from app.domain.common.errors import Invalid
from app.domain.webhooks.settings.completion import complete
from app.domain.webhooks.signing import new_secret

URL = "https://receiver.example.com/"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"signature_scheme": "sha256", "signing": "v1a"}, "signature_scheme"),
        ({"signature_scheme": "timestamped", "secret": new_secret("v1a")}, "signature_scheme"),
        ({"signature_header": "x-token", "secret_header": "X-Token"}, "signature_header"),
        ({"signature_header": "X-Streams-Token", "preset": "asset"}, "signature_header"),
    ],
)
def test_settings_that_exclude_each_other_are_refused(settings, field):
    with pytest.raises(Invalid) as caught:
        complete({"url": URL} | settings, existing=None, mode="create")
    assert [error.field for error in caught.value.errors] == [field]


@pytest.mark.parametrize(
    "settings",
    [
        {"signature_scheme": "sha256"},
        {"signature_scheme": "sha256", "signing": "none"},
        {"signature_scheme": "timestamped", "secret": new_secret("v1")},
        {"signature_header": "X-Sig", "signing": "v1a"},
    ],
)
def test_settings_that_go_together_are_stored(settings):
    stored = complete({"url": URL} | settings, existing=None, mode="create")
    assert {name: stored[name] for name in settings} == settings
