"""Column types that behave the same on SQLite and PostgreSQL.

Ids are text in Python and JSON, and `uuid` in PostgreSQL. Times are milliseconds since the epoch
(docs/decisions/0001-times-are-milliseconds.md). Documents of our own are JSON; what producers sent
is stored as bytes.
"""

from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeEngine

from app.domain.common.ids import text_of


class TolerantBinary(LargeBinary):
    """Text in place of bytes, which SQLite stores, is read as its bytes."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        read: Any = super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]

        def process(value: Any) -> Any:
            if not isinstance(value, bytes) and isinstance(value, str | int | float):
                return str(value).encode()
            return read(value) if read is not None else value

        return process


class PackedId(TypeDecorator[str]):
    """An id that SQLite stores as its 16 bytes instead of 36 characters."""

    impl = Uuid(as_uuid=False)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(LargeBinary(16))
        return dialect.type_descriptor(Uuid(as_uuid=False))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return packed(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return text_of(value) if isinstance(value, bytes) else value


def packed(id_: str) -> bytes:
    """As SQLite's driver takes a PackedId."""
    return bytes.fromhex(id_.replace("-", ""))


ID = Uuid(as_uuid=False).with_variant(String(36), "sqlite")
# SQLite generates ids only for columns declared INTEGER.
IDENTITY = BigInteger().with_variant(Integer, "sqlite")

Id = Annotated[str, mapped_column(ID)]
Millis = Annotated[int, mapped_column(BigInteger)]
Document = Annotated[Any, mapped_column(JSON(none_as_null=True))]
# Encrypted by `Vault.seal`. `rotate-secret-key` finds these columns by their info.
Sealed = Annotated[bytes, mapped_column(TolerantBinary, info={"sealed": True})]
Blob = Annotated[bytes, mapped_column(LargeBinary)]
Long = Annotated[str, mapped_column(Text)]


def checks(**conditions: str) -> list[Any]:
    """Constraints by name that only PostgreSQL has (docs/decisions/0018)."""
    return [
        CheckConstraint(condition, name).ddl_if("postgresql")
        for name, condition in conditions.items()
    ]
