"""The table, and how producers write into it."""

from collections.abc import Mapping
from typing import Any, Unpack

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
)  # fmt: skip
from sqlalchemy.orm import Session, scoped_session

from callboard import batches
from callboard.batches import EventFields

TABLE_NAME = "callboard_outbox"


class Outbox:
    """Declares the table in `metadata`, so that your own migrations create it."""

    def __init__(self, metadata: MetaData, name: str = TABLE_NAME) -> None:
        self.table = Table(
            name,
            metadata,
            # SQLite counts up only an INTEGER.
            Column(
                "position",
                BigInteger().with_variant(Integer, "sqlite"),
                primary_key=True,
                autoincrement=True,
            ),
            Column("event_id", String(128), nullable=False, unique=True),
            Column("event", LargeBinary, nullable=False),
            Column("claim", String(32)),
            Column("claimed_until", Float),
            Column("refusal", Text),
            Index(f"ix_{name}_claim", "claim"),
        )

    def add(
        self,
        connection: Connection | Session | scoped_session[Session],
        event_type: str,
        payload: Mapping[str, Any],
        **fields: Unpack[EventFields],
    ) -> str:
        """Write an event in the current transaction of `connection`; its id.

        It is posted after that transaction commits, and never if it is rolled back.
        """
        event_id = fields.setdefault("id", batches.new_id())
        event = batches.encode({"type": event_type, **fields, "payload": payload})
        connection.execute(insert(self.table).values(event_id=event_id, event=event))
        return event_id
