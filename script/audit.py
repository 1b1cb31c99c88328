"""Look locked packages up in published advisories; see script/audit."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import requests

from script.locked import ROOT, Package, packages

URL = "https://api.osv.dev/v1/querybatch"
SECONDS = 20
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-redis.txt")
NONE, SOME, UNREACHABLE = 0, 1, 3
# Advisories that do not apply here, and why.
IGNORED: dict[str, str] = {}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/audit")
    parser.add_argument("--url", default=URL, help="a mirror of the advisories, with OSV's API")
    parser.add_argument("locks", nargs="*", help=f"lock files (default: {' '.join(LOCKS)})")
    options = parser.parse_args(arguments)
    locks = [Path(name) for name in options.locks] or [ROOT / name for name in LOCKS]
    locked = sorted({package for lock in locks for package in packages(lock)}, key=str)
    try:
        advisories = _advisories(options.url, locked)
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        print(f"The advisories cannot be reached: {error}", file=sys.stderr)
        return UNREACHABLE
    for package, ids in advisories:
        print(f"{package.name} {package.version}: {', '.join(ids)}")
    print(f"{len(locked)} packages, {len(advisories)} with advisories.")
    return SOME if advisories else NONE


def _advisories(url: str, locked: Sequence[Package]) -> list[tuple[Package, list[str]]]:
    """Packages with the ids of their advisories."""
    queries = [
        {"package": {"name": package.name, "ecosystem": "PyPI"}, "version": package.version}
        for package in locked
    ]
    response = requests.post(url, json={"queries": queries}, timeout=SECONDS)
    response.raise_for_status()
    results = response.json()["results"]
    if len(results) != len(locked):
        raise ValueError(f"{len(results)} results for {len(locked)} packages")
    vulnerable = []
    for package, result in zip(locked, results, strict=True):
        ids = [each["id"] for each in result.get("vulns", ()) if each["id"] not in IGNORED]
        if ids:
            vulnerable.append((package, ids))
    return vulnerable


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
