"""Make the many applications of a test process cheap.

They share what only depends on the code: the compiled URL rules and the compiled templates, which
take a third of a second of each application that serves a page. Each still has its own URL map,
template environment, settings and runtime. And hashing a password costs next to nothing.
"""

from types import CodeType, MethodType
from typing import Any, ClassVar

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from app.services.sign_in import passwords

# What the product hashes passwords with.
REAL_HASHER = passwords.HASHER


class RememberedRule(Rule):
    """A rule that is compiled once for all maps in which its text means the same."""

    _compiled: ClassVar[dict[Any, Rule]] = {}

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
        # Some are made anew for each application.
        converters = tuple(
            (name, kind.regex, kind.part_isolating, kind.weight, kind.to_python, kind.to_url)
            for name, kind in self.map.converters.items()
        )
        defaults = tuple((self.defaults or {}).items())
        return (self.rule, self.subdomain, self.host, self.merge_slashes, defaults, converters)


class TemplateCodes(BytecodeCache):
    """Jinja's compiled templates, kept in memory."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def use() -> None:
    """For all applications that this process makes from now on."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    Flask.url_rule_class = RememberedRule
    Flask.jinja_options = {"bytecode_cache": TemplateCodes()}
