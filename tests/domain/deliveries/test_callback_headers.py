"""The headers that the description names are those that are sent."""

from app.domain.deliveries.callback_headers import CALLBACK_HEADERS
from app.domain.deliveries.composing import Composer, marked_as_test
from tests.domain.facts import AT, event, webhook

DELIVERY = "0198c9f6-1c71-7f6d-8eca-92432aaf42e6"
# Of every HTTP request; OpenAPI has other places for them.
HTTP = {"Content-Type", "User-Agent", "Accept"}


def sent(**settings: object) -> set[str]:
    composed = Composer(webhook(**settings)).compose(event('{"a":1}'), DELIVERY, 1, AT)
    return {name for name, _ in marked_as_test(composed).headers} - HTTP


def test_every_declared_header_is_sent_and_no_other() -> None:
    assert sent(secret_token="t") == {header.name for header in CALLBACK_HEADERS}


def test_a_required_header_is_sent_by_a_webhook_that_does_not_sign() -> None:
    required = {header.name for header in CALLBACK_HEADERS if header.is_always_sent}
    assert sent(signing="none") == required | {"X-Callboard-Test"}
