"""(a) A bare pycurl multi loop that posts the same bytes and stores nothing."""

import time
from collections.abc import Sequence

import pycurl

from app.domain.bodies.formats import Body
from app.domain.common.ids import new_id
from app.domain.deliveries.composing import Composer
from app.domain.events.event import EventFacts
from bench.installation import BODY_BYTES, Installation, payload_of

IN_FLIGHT = 100


def headers_and_body(installation: Installation, webhook_id: str) -> tuple[list[str], bytes]:
    """The headers and the body that the product would send."""
    from sqlalchemy import select

    from app.domain.webhooks.rows import facts_from_row
    from app.models import Webhook
    from app.models.common.base import db
    from app.runtime.context import runtime

    with installation.app.app_context():
        row = db.session.scalar(select(Webhook).where(Webhook.id == webhook_id))
        assert row is not None
        composer = Composer(facts_from_row(row.columns(), runtime().vault, 0))
    event = EventFacts(new_id(), "t.n0", None, 0, payload_of(BODY_BYTES))
    composed = composer.compose(event, new_id(), 1, 0)
    assert isinstance(composed.rendered, Body)
    return [f"{name}: {value}" for name, value in composed.headers], composed.body


def bare_loop(urls: Sequence[str], headers: list[str], body: bytes, number: int) -> float:
    """Requests per second."""
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, IN_FLIGHT + 16)
    idle = []
    for _ in range(IN_FLIGHT):
        curl = pycurl.Curl()
        curl.setopt(pycurl.HTTPHEADER, headers)
        curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
        curl.setopt(pycurl.PROXY, "")
        idle.append(curl)
    before = time.monotonic()
    started = finished = 0
    while finished < number:
        while idle and started < number:
            curl = idle.pop()
            curl.setopt(pycurl.URL, urls[started % len(urls)])
            multi.add_handle(curl)
            started += 1
        multi.perform()
        left, good, bad = multi.info_read()
        for curl in (*good, *(entry[0] for entry in bad)):
            assert curl.getinfo(pycurl.RESPONSE_CODE) == 200
            multi.remove_handle(curl)
            idle.append(curl)
            finished += 1
        if not good and not bad and not left:
            multi.select(1.0)
    return number / (time.monotonic() - before)
