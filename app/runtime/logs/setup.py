"""Configure the logs of a process, from LOG_FORMAT and LOG_LEVEL."""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from app.runtime.configuration.environment import ConfigError
from app.runtime.logs import output
from app.runtime.logs.output import FORMATS, LEVELS, Output
from app.runtime.logs.redaction import redactor
from app.runtime.logs.rendering import TRACEBACK, shortened

_log = logging.getLogger("callboard")


class _Handler(logging.Handler):
    """All records of Python's logging, in our format."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            output.current.write(self.format(record))
        except Exception:  # noqa: BLE001 -- logging must not raise
            self.handleError(record)


def configure(
    process: str,
    environ: Mapping[str, str] = os.environ,
    *,
    quiet: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Write all lines of this process in the format of the settings: of Python's logging and
    warnings, and of uncaught errors. May be called again.

    quiet: with readable lines only warnings are written, unless LOG_LEVEL says otherwise. An
    invalid setting counts as unset; `load_settings` refuses it.
    """
    format_name = _choice(environ, "LOG_FORMAT", FORMATS, "text")
    default = "warning" if quiet and format_name == "text" else "info"
    level = LEVELS[_choice(environ, "LOG_LEVEL", LEVELS, default)]
    try:
        redact = redactor(environ)
    except ConfigError:
        redact = redactor({})
    output.current = Output(process, level, FORMATS[format_name], redact, stream)
    root = logging.getLogger()
    for handler in list(root.handlers):
        # Handlers of others, such as a test's, stay.
        if isinstance(handler, _Handler):
            root.removeHandler(handler)
    handler = _Handler()
    handler.setFormatter(_formatter())
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = _on_uncaught
    threading.excepthook = _on_uncaught_in_thread


def adopt(name: str) -> None:
    """Have a logger that writes lines of its own use ours."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True


def is_json() -> bool:
    return output.current.render is FORMATS["json"]


def fail(message: str) -> None:
    """Say why the process ends: one sentence for people, or one JSON object."""
    current = output.current
    if is_json():
        current.write(current.redact(current.render(current.begin("error", message))))
    else:
        current.write(current.redact(message))


def _choice(environ: Mapping[str, str], name: str, choices: Mapping[str, Any], default: str) -> str:
    value = environ.get(name, "").strip().lower()
    return value if value in choices else default


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _fields,
            _render,
        ],
    )


def _fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """In the order of all our lines."""
    fields = output.current.begin(event["level"], str(event["event"]))
    fields["logger"] = event["logger"]
    info = event.get("exc_info")
    if info:
        fields[TRACEBACK] = shortened("".join(traceback.format_exception(*_three(info))).rstrip())
    return fields


def _three(info: Any) -> tuple[Any, Any, Any]:
    if isinstance(info, BaseException):
        return type(info), info, info.__traceback__
    return info if isinstance(info, tuple) else sys.exc_info()


def _render(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    current = output.current
    return current.redact(current.render(event))


def _on_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("the process ends: uncaught error", exc_info=(kind, error, trace))


def _on_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    error = arguments.exc_value
    if error is not None and not isinstance(error, SystemExit):
        name = arguments.thread.name if arguments.thread else "?"
        _log.error("thread %s ended: uncaught error", name, exc_info=error)
