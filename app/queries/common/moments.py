"""The time in statements that are built once and executed often."""

from sqlalchemy import BigInteger, ColumnElement, bindparam

# Milliseconds since the epoch.
Moment = int | ColumnElement[int]
NOW: ColumnElement[int] = bindparam("now", type_=BigInteger())
