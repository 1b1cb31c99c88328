"""Settings that the documents export are accepted at start, as they are written there."""

import subprocess
from pathlib import Path

import pytest

from app.runtime.configuration.names import NAMES
from app.runtime.configuration.settings import load_settings
from tests.documents import collected

DOCUMENTS = ("docs/operating.md", "docs/sign-in.md")
SECRET = "a-secret-key-for-tests-0123456789abcdef"


def is_run_here(document: str, command: str) -> bool:
    return document in DOCUMENTS and collected.program(command) in ("", "export")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_start_with_them_is_accepted(tmp_path: Path, document: str) -> None:
    """Those of a block together, after the blocks above it."""
    for name in ("redis-ca.pem", "redis-client.pem", "redis-client.key"):
        (tmp_path / name).touch()
    texts = {"/etc/callboard/": f"{tmp_path}/", "SECRET_KEY=...": f"SECRET_KEY={SECRET}"}
    environ = {"SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)}
    checked = 0
    for block in collected.blocks(document):
        chosen = [command for command in block.commands if is_run_here(document, command)]
        if not chosen:
            continue
        script = "\n".join(chosen)
        for old, new in texts.items():
            script = script.replace(old, new)
        done = subprocess.run(
            ["bash", "-ec", f"set -a\n{script}\nenv -0"],
            env={"PATH": "/usr/bin:/bin"} | environ, capture_output=True, text=True, check=True,
        )  # fmt: skip
        exported = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
        environ |= {name: value for name, value in exported.items() if name in NAMES}
        if document == "docs/operating.md" and "sentinel" in script:
            environ["REDIS_URL"] = environ["REDIS_URL"].replace("redis+", "rediss+")
        load_settings(environ)
        checked += len(chosen)
    assert checked > 3
