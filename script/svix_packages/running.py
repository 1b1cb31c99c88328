"""Install a `svix` package and call every method that it declares."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from script.svix_packages import results as recorded
from script.svix_packages.caller import Process
from script.svix_packages.packages import PACKAGES, NotInstalled
from script.svix_packages.walk import walk

__all__ = ["KNOWN", "NotInstalled", "run"]

SECONDS = 60
# Version and installer by name.
KNOWN = {
    f"{registry}:svix {version}": (version, install) for registry, version, install in PACKAGES
}


def run(name: str, directory: Path, environ: Mapping[str, str], receiver: str) -> str:
    """What it did, in words; the result of each method is recorded. NotInstalled. AssertionError,
    Refused or Unsent if a method did not do what it must."""
    version, install = KNOWN[name]
    home = Path(tempfile.mkdtemp(dir=directory))
    command = install(home, version)
    prefix = name.translate(str.maketrans(":. ", "---")) + "-"
    with Process(command, environ, str(home)) as driver:
        assert driver.version == version, driver.version
        results = walk(driver, receiver, poll, prefix)
    assert set(driver.methods) == set(results), set(driver.methods) - set(results)
    words = Counter(results.values())
    assert set(words) <= {"works", "501", "unsent"}, results
    recorded.record(name, results)
    unsent = [name for name, result in results.items() if result == "unsent"]
    more = f", its own code fails in {', '.join(unsent)}" if unsent else ""
    return (
        f"called all {len(results)} methods: {words['works']} work, {words['501']} answer 501{more}"
    )


def poll(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "the messages were not delivered"
        time.sleep(0.1)
