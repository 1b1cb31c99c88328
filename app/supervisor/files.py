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
