"""How a portal writes numbers and times."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from tests.queries.statistics.test_failing import set_state
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook
from tests.web.guests import guest_of
from tests.web.records import delivery
from tests.web.visitor import Visitor

THIN_SPACE = "\u2009"


def test_a_portal_writes_numbers_and_times_as_its_reader_does(
    sqlite_app: Flask, owner: Visitor, organization: Any
) -> None:
    guest, base = guest_of(sqlite_app, organization), f"/portal/{organization.id}"
    page = guest.get(f"{base}/", headers={"Accept-Language": "en-US,en;q=0.9"}).text
    assert 'data-locale="en-US" data-thousands=","' in page
    german = guest.get(f"{base}/", headers={"Accept-Language": "de-DE"}).text
    assert 'data-locale="en-GB" data-thousands="."' in german
    own = owner.get("/", headers={"Accept-Language": "en-US"}).text
    assert 'data-locale="en-GB" data-thousands="\u2009"' in own


@pytest.mark.parametrize(("language", "number"), [("en-US", "4,321"), ("de-DE", "4.321")])
def test_every_number_of_a_page_is_written_as_its_reader_does(
    sqlite_app: Flask, organization: Any, language: str, number: str
) -> None:
    hook, now = webhook(organization.id), now_ms()
    counts = {"attempts": 4_321, "failed": 4_321, "deliveries": 4_321, "status:500": 4_321}
    tally(organization.id, hook, now, **counts, **{"type:a.few": 4_321, "ms:40": 4_321})
    set_state(hook, failing_since=now, consecutive_failures=4_321, last_failure_at=now)
    delivery(organization.id, hook, "failed", [(500, "status")])
    guest, base = guest_of(sqlite_app, organization), f"/portal/{organization.id}"
    for path in ("/", "/webhooks", f"/webhooks/{hook}", "/issues", "/deliveries", "/events"):
        page = guest.get(base + path, headers={"Accept-Language": language}).text
        assert THIN_SPACE not in page, path
    overview = guest.get(f"{base}/", headers={"Accept-Language": language}).text
    assert f"{number} more than one day earlier" in overview
    assert f"Last {number} attempts failed" in overview
