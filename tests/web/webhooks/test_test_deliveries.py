"""A test send leaves a trace: a delivery that is listed, opened and marked."""

import re
from typing import Any

from tests.services.publishing import webhook
from tests.support.servers.receiver import Receiver
from tests.web.visitor import Visitor


def test_a_test_send_is_listed_marked_and_opened(
    owner: Visitor, organization: Any, receiver: Receiver
) -> None:
    receiver.respond(418, [("X-Kettle", "on")], b"short and stout")
    page = f"/webhooks/{webhook(organization.id, url=receiver.url)}"
    result = owner.post(page, f"{page}/test").text
    link = re.search(r'href="(/deliveries/[^"]+)">Open this delivery', result)
    assert link
    listed = owner.get("/deliveries").text
    assert link[1] in listed
    assert '<span class="tag">test</span>' in listed
    opened = owner.get(link[1]).text
    assert '<span class="tag">test</span>' in opened
    assert "A test send: one attempt, without retries." in opened
    assert "short and stout" in opened
    assert f"{link[1]}/resend" not in opened


def test_its_sample_is_among_the_system_events(
    owner: Visitor, organization: Any, receiver: Receiver
) -> None:
    page = f"/webhooks/{webhook(organization.id, url=receiver.url)}"
    owner.post(page, f"{page}/test")
    assert "callboard.test" not in owner.get("/events").text
    assert "callboard.test" in owner.get("/events?system=yes").text
