"""Gunicorn's own lines in the format of all others (`logger_class`)."""

from typing import Any

from gunicorn.glogging import Logger as GunicornLogger

from app.runtime.logs import setup


class Logger(GunicornLogger):  # type: ignore[misc]  # gunicorn has no types
    """Lines for a terminal go through our handler; log files that gunicorn is told to write stay
    its own."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        setup.configure("web")
        if cfg.errorlog == "-":
            setup.adopt("gunicorn.error")
        if cfg.accesslog == "-" and setup.is_json():
            setup.adopt("gunicorn.access")
