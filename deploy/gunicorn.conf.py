"""Kept for units that name it: `gunicorn wsgi:app` reads the file beside wsgi.py by itself."""

import runpy
from pathlib import Path

globals().update(runpy.run_path(str(Path(__file__).resolve().parents[1] / "gunicorn.conf.py")))
