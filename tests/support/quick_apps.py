"""Make the many applications of a test process cheap.

They share what only depends on the code: the compiled URL rules, templates and SQL statements, and
the joined stylesheets, which take half a second of each application that serves a page. Each still
has its own URL map, template environment, engine, settings and runtime. Hashing a password costs
next to nothing, and SQLite does not wait for the disk.

They wait longer for SQLite's write lock than the product: a machine that is busy or stands still
for a moment is not a database that is away.
"""

import sqlite3
from functools import cache
from types import CodeType, MethodType
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine, Pool, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map, Rule

from app import factory
from app.services.sign_in import passwords

# What the product hashes passwords with.
REAL_HASHER = passwords.HASHER


class RememberedRule(Rule):
    """A rule that is compiled once for all maps in which its text means the same."""

    _compiled: ClassVar[dict[Any, Rule]] = {}
    # Of each map, with their number.
    _converters_of: ClassVar[WeakKeyDictionary[Map, tuple[int, Any]]] = WeakKeyDictionary()

    def compile(self) -> None:
        key = self._meaning()
        first = self._compiled.get(key)
        if first is None:
            super().compile()
            self._compiled[key] = self
            return
        self._parts = first._parts
        self._trace = first._trace
        self._converters = first._converters
        self.arguments = first.arguments
        self._build = MethodType(first._build.__func__, self)  # type: ignore[attr-defined]
        self._build_unknown = MethodType(first._build_unknown.__func__, self)  # type: ignore[attr-defined]

    def _meaning(self) -> Any:
        defaults = tuple((self.defaults or {}).items())
        return (self.rule, self.subdomain, self.host, self.merge_slashes, defaults, self._kinds())

    def _kinds(self) -> Any:
        converters = self.map.converters
        number, kinds = self._converters_of.get(self.map, (0, None))
        if number != len(converters):
            # Some are made anew for each application.
            kinds = tuple(
                (name, kind.regex, kind.part_isolating, kind.weight, kind.to_python, kind.to_url)
                for name, kind in converters.items()
            )
            self._converters_of[self.map] = (len(converters), kinds)
        return kinds


class TemplateCodes(BytecodeCache):
    """Jinja's compiled templates, kept in memory."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


class SharedStatements:
    """SQLAlchemy's compiled statements, which it keeps per engine and dialect, for all engines
    whose dialects would compile the same."""

    _statements: ClassVar[LRUCache[Any, Any]] = LRUCache(5_000)

    @classmethod
    def use(cls) -> None:
        Dialect.__eq__ = cls._are_alike  # type: ignore[method-assign, assignment]
        Dialect.__hash__ = cls._hashed  # type: ignore[method-assign, assignment]
        # Each engine sets one of its own.
        shared = property(lambda _: cls._statements, lambda _, own: None)
        Engine._compiled_cache = shared  # type: ignore[assignment]

    @staticmethod
    def _hashed(dialect: Dialect) -> int:
        return hash(type(dialect))

    @staticmethod
    def _are_alike(dialect: Dialect, other: object) -> bool:
        return dialect is other or (
            type(dialect) is type(other)
            # Compiled statements hold what converts their results.
            and _json_functions(dialect) == _json_functions(other)
        )


def _json_functions(dialect: object) -> tuple[Any, Any]:
    return (
        getattr(dialect, "_json_serializer", None),
        getattr(dialect, "_json_deserializer", None),
    )


def _without_waiting_for_the_disk(connection: Any, *_: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def use() -> None:
    """For all applications that this process makes from now on."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    Flask.url_rule_class = RememberedRule
    Flask.jinja_options = {"bytecode_cache": TemplateCodes()}
    factory.LOCK_SECONDS = 30.0
    factory.Assets = cache(factory.Assets)  # type: ignore[misc, assignment]
    SharedStatements.use()
    # After the connection was prepared as it is in the product.
    event.listen(Pool, "checkout", _without_waiting_for_the_disk)
