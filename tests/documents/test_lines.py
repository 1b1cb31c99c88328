"""Single commands of the operator's documents, in a shell, on what a running product left."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documents import collected
from tests.support.product import Product

DOCUMENT = "docs/operating.md"


def is_run_here(document: str, command: str) -> bool:
    return document == DOCUMENT and collected.program(command) in ("jq", "redis-cli")


def _command(program: str) -> str:
    [command] = [
        each for each in collected.commands(DOCUMENT) if collected.program(each) == program
    ]
    return command


def _run(command: str, directory: Path, typed: str = "") -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=directory, input=typed, capture_output=True, text=True,
        timeout=50, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed.")
def test_the_lines_of_a_request_are_found(tmp_path: Path) -> None:
    line = '{"message":"event","request_id":"9d81c3a2f5e04b67"}\n'
    (tmp_path / "callboard.log").write_text(f'{line}{{"message":"attempt"}}\n')
    assert _run(_command("jq"), tmp_path) == line


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="redis-cli is not installed.")
def test_the_embedded_redis_can_be_looked_into(product: Product) -> None:
    assert product.data_dir.name == "data"
    assert _run(_command("redis-cli"), product.data_dir.parent, "ping\n") == "PONG\n"
