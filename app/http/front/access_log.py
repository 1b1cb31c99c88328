"""Gunicorn's access log (`--access-logfile`), which is off by default."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from app.http.front.arrived import Arrived, Headers
from app.http.front.pages import environ_of


class AccessLog:
    """logger: gunicorn's."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def write(self, arrived: Arrived, status: int, headers: Headers, seconds: float) -> None:
        """seconds: from the end of the request to the beginning of its response."""
        sizes = [value for name, value in headers if name.lower() == "content-length"]
        size = int(sizes[0]) if sizes else None
        self._logger.access(
            SimpleNamespace(status=status, headers=headers, sent=size),
            SimpleNamespace(headers=arrived.headers),
            environ_of(arrived),
            timedelta(seconds=seconds),
        )
