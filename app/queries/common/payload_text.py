"""Search text in payloads."""

from sqlalchemy import ColumnElement, LargeBinary, func, literal

from app.models import Event
from app.models.common.base import db

# Only the start of each payload is searched, so that large payloads cost no more.
SEARCHED_BYTES = 64 << 10


def payload_holds(text: str) -> ColumnElement[bool]:
    """Exact bytes: case and JSON escapes matter."""
    text_bytes = literal(text.encode("utf-8", "replace"), LargeBinary)
    searched = func.substr(Event.payload, 1, SEARCHED_BYTES)
    if db.engine.dialect.name == "postgresql":
        # position(text in payload) is the only form for bytea.
        return func.position(text_bytes.op("IN")(searched)) > 0
    return func.instr(searched, text_bytes) > 0
