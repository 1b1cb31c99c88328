"""Files that are there complete or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def completed(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to, which becomes the one at `path` without an error, and is removed after
    one. Only its owner can read it, unless it replaces a file. OSError."""
    # A link stays one.
    target = Path(path).resolve()
    if _is_special(target):
        # A pipe or a device cannot be replaced, and a directory is an error.
        with target.open("wb") as file:
            yield file
        return
    descriptor, draft = _draft(target)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        if target.exists():
            draft.chmod(target.stat().st_mode & 0o777)
        draft.replace(target)
    except BaseException:
        draft.unlink()
        raise


def check_writable(path: str | os.PathLike[str]) -> None:
    """Before long work for `completed`. OSError, as it would raise one."""
    target = Path(path).resolve()
    if not _is_special(target):
        descriptor, draft = _draft(target)
        os.close(descriptor)
        draft.unlink()


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file()


def _draft(target: Path) -> tuple[int, Path]:
    """A new file besides it, open."""
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target))
    # mkstemp gives mode 600.
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".callboard-")
    return descriptor, Path(name)
