"""What was sent, as it was: with the receiver's own secrets, which stand sealed in the records."""

from cryptography.fernet import InvalidToken
from sqlalchemy.orm.attributes import set_committed_value

from app.domain.bodies.spec import Body
from app.domain.deliveries.masking import HIDDEN
from app.domain.deliveries.sealing import Seals
from app.models import Attempt, Delivery
from app.queries.deliveries.sent_bodies import sent_body
from app.runtime.context import runtime


def whole(attempt: Attempt) -> Attempt:
    """The attempt itself, to be read: what is put back is not written."""
    set_committed_value(attempt, "request_head", _seals.take_out(bytes(attempt.request_head)))
    set_committed_value(attempt, "url", _seals.take_out(attempt.url.encode()).decode())
    return attempt


def body_of(organization_id: str, delivery: Delivery) -> Body | None:
    """As `queries.sent_bodies` has it."""
    kept = sent_body(organization_id, delivery)
    return kept and Body(kept.content_type, _seals.take_out(kept.content))


def _open(sealed: bytes) -> str:
    try:
        return runtime().vault.open(sealed)
    except InvalidToken:
        # It was sealed under another SECRET_KEY.
        return HIDDEN.decode()


_seals = Seals(_open)
