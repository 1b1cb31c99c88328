"""What a dialect declares."""

from collections.abc import Callable
from dataclasses import dataclass

from app.compat.common.webhooks import WebhookResource
from app.domain.common.errors import NotFound
from app.http.credentials import CredentialReader, authorization, organization_of
from app.http.errors import HttpError
from app.http.messages import Request, Response
from app.http.routes import Route, Surface


@dataclass(frozen=True, slots=True)
class Dialect:
    """error: renders every failure in the dialect's own shape. webhooks: see WebhookResource.
    routes: those besides. The rest: as in http.routes.Surface."""

    name: str
    unmatched: tuple[str, ...]
    error: Callable[[HttpError], Response]
    webhooks: WebhookResource | None = None
    routes: tuple[Route, ...] = ()
    credentials: tuple[CredentialReader, ...] = ()
    challenges: tuple[str, ...] = (
        'Bearer realm="callboard"',
        'Basic realm="callboard", charset="UTF-8"',
    )
    organization: Callable[[Request], str] = organization_of
    invalid_id: Callable[[], Exception] = NotFound
    patterns: tuple[tuple[str, str], ...] = ()
    text_ids: frozenset[str] = frozenset()

    def surface(self) -> Surface:
        webhook_routes = self.webhooks.routes() if self.webhooks else ()
        return Surface(
            name=self.name,
            routes=(*webhook_routes, *self.routes),
            unmatched=self.unmatched,
            render_error=self.error,
            credentials=(authorization, *self.credentials),
            challenges=self.challenges,
            organization=self.organization,
            invalid_id=self.invalid_id,
            both_slashes=True,
            patterns=self.patterns,
            text_ids=self.text_ids,
        )
