"""Templates as they were at start: an upgrade replaces the files under a running process."""

from functools import cache
from pathlib import Path

from jinja2 import FunctionLoader

# What Jinja's loaders return: text, file name, and whether the text is still valid.
_Source = tuple[str, str, None]
# An editor's own files beside them are not read.
_SUFFIXES = {".html", ".txt"}


@cache
def templates_in(directory: Path) -> FunctionLoader:
    """Reads all of them now, and none later."""
    sources: dict[str, _Source] = {
        path.relative_to(directory).as_posix(): (path.read_text("utf-8"), str(path), None)
        for path in directory.rglob("*")
        if path.suffix in _SUFFIXES
    }
    return FunctionLoader(sources.get)
