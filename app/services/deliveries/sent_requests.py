"""Show requests as they were sent, including the receiver's secrets, which are stored encrypted."""

from cryptography.fernet import InvalidToken
from sqlalchemy.orm.attributes import set_committed_value

from app.domain.bodies.spec import Body
from app.domain.deliveries.masking import HIDDEN
from app.domain.deliveries.sealing import Seals
from app.models import Attempt, Delivery
from app.queries.deliveries.sent_bodies import sent_body
from app.runtime.context import runtime


def whole(attempt: Attempt) -> Attempt:
    """Fill in the secrets in memory; the attempt's row is not changed."""
    set_committed_value(attempt, "request_head", _seals.take_out(bytes(attempt.request_head)))
    set_committed_value(attempt, "url", _seals.take_out(attempt.url.encode()).decode())
    return attempt


def body_of(organization_id: str, delivery: Delivery) -> Body | None:
    """Like `queries.deliveries.sent_bodies`, with secrets filled in."""
    body = sent_body(organization_id, delivery)
    return body and Body(body.content_type, _seals.take_out(body.content))


def _open(sealed: bytes) -> str:
    try:
        return runtime().vault.open(sealed)
    except InvalidToken:
        # Encrypted with another SECRET_KEY.
        return HIDDEN.decode()


_seals = Seals(_open)
