"""Files that only their owner can read."""

import os
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Replace the file's content by one line, atomically and durably, with mode 0600."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)


def create_private_directory(directory: Path) -> None:
    """Create it with mode 0700. One of ours that exists with a wider mode is corrected."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.stat()
    if status.st_mode & 0o077 and status.st_uid == os.getuid():
        directory.chmod(0o700)
