"""List what Callboard consists of, with licences; see script/licences."""

import json
import re
import sys
import uuid
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from script.locked import ROOT, packages

DOCUMENT, BILL = ROOT / "docs" / "licences.md", ROOT / "docs" / "sbom.json"
# Files in static/vendor, which no lock file names.
VENDORED = {
    "bootstrap": ("5.3.8", "MIT"),
    "htmx.org": ("2.0.11", "0BSD"),
}
# Spellings of licences, and their SPDX identifiers.
SPDX = {
    "mit": "MIT",
    "mit license": "MIT",
    "the mit license": "MIT",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "python software foundation license": "PSF-2.0",
    "isc license (iscl)": "ISC",
}
_IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")


class Unknown(Exception):
    """A package does not say under which licence it is."""


@dataclass(frozen=True)
class Part:
    """licence: an SPDX expression."""

    kind: str
    name: str
    version: str
    licence: str

    @property
    def purl(self) -> str:
        return f"pkg:{self.kind}/{self.name.lower()}@{self.version}"


def main() -> int:
    parts = [
        Part("pypi", package.name, package.version, licence_of(package.name))
        for package in packages()
    ]
    parts += [Part("npm", name, *rest) for name, rest in VENDORED.items()]
    DOCUMENT.write_text(document(parts))
    BILL.write_text(json.dumps(bill(parts), indent=1) + "\n")
    print(f"Wrote {DOCUMENT.name} and {BILL.name}: {len(parts)} parts.")
    return 0


def licence_of(name: str) -> str:
    """From the installed package. Unknown."""
    try:
        described = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return OF_OTHER_PLATFORMS[name]
    texts = [described.get("License-Expression"), described.get("License")]
    texts += [
        classifier.rpartition(" :: ")[2]
        for classifier in described.get_all("Classifier", [])
        if classifier.startswith("License ::")
    ]
    for text in texts:
        if not text or len(text) > 100:
            continue
        known = SPDX.get(text.strip().lower().rstrip("."))
        if known is not None:
            return known
        if text == described.get("License-Expression") and _IDENTIFIER.fullmatch(text):
            return text
    for text in texts:
        if text and _IDENTIFIER.fullmatch(text.strip()) and "-" in text:
            return str(text).strip()
    raise Unknown(f"{name}: {texts}")


# In the lock file, and installed on other platforms or versions of Python only.
OF_OTHER_PLATFORMS = {"async-timeout": "Apache-2.0", "tzdata": "Apache-2.0"}


def document(parts: list[Part]) -> str:
    lines = [
        "# Licences",
        "",
        "What Callboard runs on, as locked. `script/licences` writes this page, and",
        "[sbom.json](sbom.json), which holds the same as a bill of materials in the CycloneDX",
        "format. Callboard itself is under the [MIT licence](../LICENSE).",
        "",
        "| package | version | licence |",
        "|---|---|---|",
    ]
    lines += [f"| {part.name} | {part.version} | {part.licence} |" for part in parts]
    return "\n".join(lines) + "\n"


def bill(parts: list[Part]) -> dict[str, Any]:
    """CycloneDX 1.6. The same parts give the same document: its serial number is derived."""
    listed = "\n".join(f"{part.purl} {part.licence}" for part in parts)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, listed).urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "callboard",
                "name": "callboard",
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": [_component(part) for part in parts],
        "dependencies": [
            {"ref": "callboard", "dependsOn": [part.purl for part in parts]},
        ],
    }


def _component(part: Part) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [{"expression": part.licence}],
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unknown as error:
        sys.exit(f"Add the licence to script/licences.py: {error}")
