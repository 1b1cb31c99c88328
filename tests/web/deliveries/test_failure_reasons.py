"""The page of failure reasons, and the way to it."""

from typing import Any

from app.domain.deliveries.causes import CAUSES, OK
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


def test_each_failure_reason_has_a_section(owner: Visitor) -> None:
    page = owner.get("/deliveries/failure-reasons").text
    for code, cause in CAUSES.items():
        assert (f'id="{code}"' in page) is (code != OK)
        assert code == OK or f"/deliveries?cause={code}" in page
        assert code == OK or str(cause.title) in page


def test_a_failed_attempt_links_its_failure_reason(owner: Visitor, organization: Any) -> None:
    ids = (organization.id, webhook(organization.id))
    failed = delivery(*ids, state="failed", attempts=[(None, "timeout_wait")])
    page = owner.get(f"/deliveries/{failed}").text
    assert 'href="/deliveries/failure-reasons#timeout_wait"' in page
