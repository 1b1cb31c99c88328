"""Text in what producers sent."""

from sqlalchemy import ColumnElement, LargeBinary, func, literal

from app.models import Event
from app.models.base import db

# Of each payload this much is searched, so that a page of large ones costs no more than others.
SEARCHED_BYTES = 64 << 10


def payload_holds(text: str) -> ColumnElement[bool]:
    """The bytes of `text` stand in the payload as they are: case and escapes count."""
    wanted = literal(text.encode("utf-8", "replace"), LargeBinary)
    searched = func.substr(Event.payload, 1, SEARCHED_BYTES)
    if db.engine.dialect.name == "postgresql":
        # position(wanted in searched), which only exists for bytea under this name.
        return func.position(wanted.op("IN")(searched)) > 0
    return func.instr(searched, wanted) > 0
