"""Filter by many ids with a single parameter."""

import json
from collections.abc import Collection

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, any_, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[str] | InstrumentedAttribute[str]
Ids = Collection[str]


def id_in(connection: Connection, column: Column, ids: Ids) -> ColumnElement[bool]:
    """Like `column.in_(ids)`, whose SQL text grows with the ids: for thousands of them the client
    takes longer to build it than the database to run it."""
    if connection.dialect.name == "postgresql":
        return column == any_(cast(literal(list(ids), ARRAY(Text)), ARRAY(column.type)))
    each = func.json_each(json.dumps(list(ids))).table_valued("value")
    return column.in_(select(each.c.value))
