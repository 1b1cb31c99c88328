"""Checkouts of the product to measure: this one, and an older commit beside it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Checkout:
    """python: the interpreter of its own environment."""

    root: Path
    python: Path


HERE = Checkout(ROOT, Path(sys.executable))


@contextmanager
def checked_out(revision: str) -> Iterator[Checkout]:
    """A worktree of the commit with the packages that its lock names; removed at the end.

    An existing checkout can be named by its directory instead; it is left as it is.
    CalledProcessError if there is no such commit.
    """
    if Path(revision).is_dir():
        yield prepared(Path(revision).resolve())
        return
    with tempfile.TemporaryDirectory(prefix="cb-checkout-") as directory:
        root = Path(directory) / "checkout"
        _git("worktree", "add", "--quiet", "--detach", str(root), revision)
        try:
            yield prepared(root)
        finally:
            _git("worktree", "remove", "--force", str(root))


def prepared(root: Path) -> Checkout:
    """The checkout with its packages installed."""
    # Its own interpreter must not see the packages of this environment.
    environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    base = Path(sys.base_prefix) / "bin" / Path(sys.executable).name
    subprocess.run(
        [str(base), "script/prepare.py", "requirements.txt"], cwd=root, env=environ, check=True
    )
    return Checkout(root, root / ".venv" / "bin" / "python")


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)
