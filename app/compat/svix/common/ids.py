"""Ids as Svix writes them: ours behind a prefix. Paths also accept them without it."""

from app.domain.common.ids import canonical_id

APPLICATION, ENDPOINT, MESSAGE = "app_", "ep_", "msg_"
ATTEMPT, TASK = "atmpt_", "qtask_"
# Only in iterators: a message on its way to an endpoint.
DELIVERY = "dlv_"
# Digits of an attempt's number that fit its column.
_MAX_DIGITS = 9


def shown(prefix: str, id_: str) -> str:
    return prefix + id_


def read(prefix: str, text: str) -> str | None:
    """Our id; None: the text is not one."""
    return canonical_id(text.removeprefix(prefix))


def read_attempt(text: str) -> tuple[str, int] | None:
    """The id of its delivery, and its number; None: the text is not an attempt's id."""
    delivery, _, number = text.removeprefix(ATTEMPT).partition(".")
    delivery_id = canonical_id(delivery)
    if delivery_id is None or not (number.isascii() and number.isdigit()):
        return None
    return (delivery_id, int(number)) if len(number) <= _MAX_DIGITS else None
