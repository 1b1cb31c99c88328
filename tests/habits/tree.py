"""The tracked files of the repository."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked(*endings: str) -> tuple[Path, ...]:
    """Tracked files with one of `endings`, or all of them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    files = [path for path in paths if path.is_file() and not path.is_symlink()]
    return tuple(path for path in files if not endings or path.suffix in endings)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))
