"""Create, show, update and delete webhooks for every dialect; a dialect only maps documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.compat.common.views import Document, WebhookView
from app.domain.common.errors import NotFound
from app.http.bodies import FieldsBody
from app.http.messages import Request, Response
from app.http.routes import Route
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.runtime.context import runtime
from app.services.audit.reads import record_read_once
from app.services.webhooks import service as webhook_service

MANAGE = "webhooks:manage"


def _created(_: Request, document: Document) -> Response:
    return Response(201, document)


def _shown(_: Request, document: Document) -> Response:
    return Response(200, document)


def _updated(document: Document) -> Response:
    return Response(200, document)


def _unchecked(_: Request, __: Webhook | None) -> None:
    """Most dialects have no check of their own."""


def _deleted() -> Response:
    return Response(204)


@dataclass(frozen=True, slots=True)
class WebhookResource:
    """A dialect's webhooks: two paths, the mapping of documents, and what the responses look like.

    to_create, to_update: the native fields for the fields of a request; to_update also takes the
    webhook as it is now, and both raise Invalid or Malformed. render: the dialect's document.
    index: the list's handler. secret: the column that the document shows in plain text.
    lists: form fields that may be repeated. delete: a handler instead of the usual one.
    check: raises Invalid for a request to create, or to change the given webhook, whose mistake
    only the database shows. shows_last_attempt: whether the document says when it was.
    """

    collection: str
    item: str
    to_create: Callable[[Document], Document]
    to_update: Callable[[Document, WebhookView], Document]
    render: Callable[[WebhookView], Document]
    index: Callable[[Request], Response]
    secret: str | None = None
    lists: tuple[str, ...] = ()
    update_methods: tuple[str, ...] = ("PUT",)
    created: Callable[[Request, Document], Response] = _created
    shown: Callable[[Request, Document], Response] = _shown
    updated: Callable[[Document], Response] = _updated
    deleted: Callable[[], Response] = _deleted
    delete: Route | None = field(default=None)
    check: Callable[[Request, Webhook | None], None] = _unchecked
    shows_last_attempt: bool = False

    def routes(self) -> tuple[Route, ...]:
        body = FieldsBody(self.lists)
        return (
            Route("GET", self.collection, self._listed, MANAGE),
            Route("POST", self.collection, self._create, MANAGE, body=body),
            Route("GET", self.item, self._show, MANAGE),
            *(
                Route(method, self.item, self._update, MANAGE, body=body)
                for method in self.update_methods
            ),
            self.delete or Route("DELETE", self.item, self._delete, MANAGE),
        )

    def view(self, row: Webhook, last_attempt_at: int | None = None) -> WebhookView:
        sealed: Any = getattr(row, self.secret) if self.secret else None
        return WebhookView(
            id=row.id,
            organization_id=row.organization_id,
            name=row.name,
            url=row.url,
            method=row.method,
            preset=row.preset,
            event_types=row.event_types,
            is_active=row.is_active,
            created_at=row.created_at,
            updated_at=row.updated_at,
            secret=runtime().vault.open_or_none(sealed),
            last_attempt_at=last_attempt_at,
        )

    def document(self, row: Webhook) -> Document:
        return self.documents([row])[0]

    def documents(self, rows: Sequence[Webhook]) -> list[Document]:
        """Of webhooks of one organization."""
        attempts: dict[str, int] = {}
        if self.shows_last_attempt and rows:
            ids = [row.id for row in rows]
            attempts = webhook_queries.last_attempts(rows[0].organization_id, ids)
        return [self.render(self.view(row, attempts.get(row.id))) for row in rows]

    def _listed(self, request: Request) -> Response:
        response = self.index(request)
        self._record_read(request)
        return response

    def _record_read(self, request: Request, row: Webhook | None = None) -> None:
        """Documents with secrets are recorded once an hour for each key."""
        if self.secret and request.method != "HEAD":
            record_read_once(
                request.organization_id,
                request.actor,
                "webhook.reveal_secret",
                row.id if row else None,
                (row.name or row.url) if row else "All webhooks",
            )

    def _create(self, request: Request) -> Response:
        fields = self.to_create(request.fields)
        self.check(request, None)
        row = webhook_service.create(request.organization_id, fields, request.actor)
        return self.created(request, self.document(row))

    def _show(self, request: Request) -> Response:
        row = webhook_queries.get(request.organization_id, request.ids["webhook_id"])
        if row is None:
            raise NotFound
        self._record_read(request, row)
        return self.shown(request, self.document(row))

    def _update(self, request: Request) -> Response:
        def changes(row: Webhook) -> Document:
            self.check(request, row)
            return self.to_update(request.fields, self.view(row))

        webhook_id = request.ids["webhook_id"]
        row = webhook_service.update(request.organization_id, webhook_id, changes, request.actor)
        return self.updated(self.document(row))

    def _delete(self, request: Request) -> Response:
        webhook_id = request.ids["webhook_id"]
        webhook_service.delete(request.organization_id, webhook_id, request.actor)
        return self.deleted()
