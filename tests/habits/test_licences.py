"""The list of licences and the bill of materials are those of the lock file."""

import json
import re

from script.licences import VENDORED
from script.locked import packages
from tests.habits import tree

# Licences that an MIT-licensed product may be distributed with.
FITTING = {
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "0BSD", "PSF-2.0"),
    # Libraries that are used unmodified.
    *("MPL-2.0", "LGPL-3.0-only"),
}
BILL = json.loads((tree.ROOT / "docs" / "sbom.json").read_text())


def test_the_bill_lists_what_is_locked_and_vendored() -> None:
    listed = {(part["name"], part["version"]) for part in BILL["components"]}
    expected = {(package.name, package.version) for package in packages()}
    expected |= {(name, version) for name, (version, _) in VENDORED.items()}
    assert listed == expected, "run script/licences"


def test_the_document_lists_the_same() -> None:
    document = (tree.ROOT / "docs" / "licences.md").read_text()
    rows = re.findall(r"^\| (\S+) \| (\S+) \| ([^|]+) \|$", document, re.MULTILINE)[1:]
    bill = [
        (part["name"], part["version"], part["licenses"][0]["expression"])
        for part in BILL["components"]
    ]
    assert sorted(rows) == sorted(bill)


def test_every_licence_fits() -> None:
    for part in BILL["components"]:
        expression = part["licenses"][0]["expression"]
        # Of alternatives one is enough.
        choices = [choice.split(" AND ") for choice in expression.split(" OR ")]
        assert any(set(choice) <= FITTING for choice in choices), part["name"]


def test_vendored_files_are_those_that_are_listed() -> None:
    folders = {path.name for path in (tree.ROOT / "static" / "vendor").iterdir()}
    named = {f"{name.removesuffix('.org')}-{version}" for name, (version, _) in VENDORED.items()}
    assert folders == named
