"""Where templates, static files, migrations and the processes' entry points are."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_PACKAGED = _PACKAGE / "_files"

# A checkout, or the files that `pip install` put into the package.
IS_INSTALLED = _PACKAGED.is_dir()
ROOT = _PACKAGED if IS_INSTALLED else _PACKAGE.parent
