"""Committed files contain no machine paths and no registry hosts, and scripts are executable."""

import re

from tests.habits import tree

# Joined from parts, so that this file does not match itself.
FORBIDDEN = re.compile(
    "|".join(
        (
            r"(?<![\w./-])/(?:work|root|farm)/",
            r"(?<![\w./-])/home/(?!you\b|user\b)\w+/",
            r"\bpypi\." + r"org\b",
            r"\bpython" + r"hosted\.org\b",
            r"\bregistry\.npm" + r"js\.",
            r"\bdeb\.debian" + r"\.org\b",
        )
    )
)


def test_no_machine_path_and_no_registry_host_is_committed() -> None:
    matches = []
    for path in tree.tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if FORBIDDEN.search(line):
                matches.append(f"{tree.name(path)}:{number}: {line.strip()[:120]}")
    assert matches == []


def test_scripts_are_executable() -> None:
    files = [p for p in tree.tracked() if p.parts[-2] in ("script", ".ci")]
    scripts = [path for path in files if path.read_bytes().startswith(b"#!")]
    assert scripts
    assert [tree.name(path) for path in scripts if not path.stat().st_mode & 0o111] == []
