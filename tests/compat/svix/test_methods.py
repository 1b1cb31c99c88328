"""Every method of the `svix` package, and the table of docs/coming-from-svix.md."""

import re
from pathlib import Path

import pytest
from svix.api import Svix

from tests.compat.svix.conftest import Deliver
from tests.support.servers.receiver import Receiver

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| `([\w.]+)` \| (yes|501) \|", re.MULTILINE)


# One of its methods is deprecated, and refused.
@pytest.mark.filterwarnings("ignore:Call to deprecated method")
def test_every_method_of_the_package_works_or_is_refused_as_the_guide_says(
    environment: Svix, receiver: Receiver, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the program that script/conformance runs against the running product."""
    monkeypatch.syspath_prepend(ROOT / "script" / "clients")
    import svix_api

    results = svix_api.walk(environment, receiver.url, deliver)
    guide = (ROOT / "docs" / "coming-from-svix.md").read_text()
    table = {name: "works" if works == "yes" else works for name, works in ROW.findall(guide)}
    assert results == table
