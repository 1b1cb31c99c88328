"""Every method of the `svix` package, and the tables of the documentation."""

import re
from pathlib import Path

import pytest
from svix.api import Svix

from script.svix_packages import results as recorded
from script.svix_packages.drivers.python_driver import Driver
from script.svix_packages.walk import walk
from tests.compat.svix.conftest import Deliver
from tests.support.servers.receiver import Receiver

GUIDE = Path(__file__).parents[3] / "docs" / "coming-from-svix.md"
ROW = re.compile(r"^\| `([\w.]+)` \| (yes|501) \|", re.MULTILINE)


def guide() -> dict[str, str]:
    words = {"yes": "works"}
    return {name: words.get(word, word) for name, word in ROW.findall(GUIDE.read_text())}


# One of its methods is deprecated, and refused.
@pytest.mark.filterwarnings("ignore:Call to deprecated method")
def test_every_method_of_the_package_works_or_is_refused_as_the_guide_says(
    environment: Svix, receiver: Receiver, deliver: Deliver
) -> None:
    """By the walk that script/conformance makes with the packages of all languages."""
    driver = Driver(environment)
    results = walk(driver, receiver.url, deliver)
    table = guide()
    assert results == {name: table[name] for name in results}
    assert results == recorded.read()[f"pypi:svix {driver.version}"]


def test_the_recorded_results_of_every_package_agree_with_the_guide() -> None:
    table = guide()
    differing = [
        (package, name, result)
        for package, results in recorded.read().items()
        for name, result in results.items()
        if result not in ("unsent", table.get(recorded.CANONICAL.get(name, name), "501"))
    ]
    assert differing == []


def test_every_method_of_the_guide_is_one_of_a_package() -> None:
    """Under its name in 2.x, where it has several."""
    methods = {name for results in recorded.read().values() for name in results}
    assert set(guide()) <= methods
