"""What the pages say of a failing webhook, with its numbers."""

from typing import Any

from app.domain.common.clock import now_ms
from app.domain.deliveries.verdicts import LONGEST_FAILING_MS
from app.web.common.rendering.formats import since
from tests.queries.statistics.test_failing import set_state
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook
from tests.web.visitor import Visitor


def test_one_failed_attempt_shows_an_active_webhook(owner: Visitor, organization: Any) -> None:
    now = now_ms()
    hook = webhook(organization.id)
    set_state(hook, failing_since=now, last_failure_at=now, consecutive_failures=1)
    tally(organization.id, hook, now, succeeded=79, retrying=21)
    for path in ("/", "/webhooks", f"/webhooks/{hook}"):
        text = owner.get(path).text
        assert "is failing" not in text, path
        assert "Failing<" not in text, path


def test_failures_in_a_row_show_their_number_and_when_the_webhook_will_be_disabled(
    owner: Visitor, organization: Any
) -> None:
    first = now_ms() - 60_000
    hook = webhook(organization.id)
    set_state(hook, failing_since=first, last_failure_at=now_ms(), consecutive_failures=1_234)
    date = since(first + LONGEST_FAILING_MS)
    text = owner.get(f"/webhooks/{hook}").text
    assert "The last 1\u2009234 attempts failed, since" in text
    assert f"{date}</time> if nothing succeeds." in text
    overview = owner.get("/").text
    assert "Last 1\u2009234 attempts failed" in overview
    for page in (text, overview):
        assert "Will be disabled on" in page
        assert f"{date}</time>" in page


def test_a_failure_rate_shows_its_numbers(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    set_state(hook, last_failure_at=now_ms(), last_failure_cause="status")
    tally(organization.id, hook, now_ms(), succeeded=1_800, retrying=3_200)
    text = owner.get(f"/webhooks/{hook}").text
    assert "3\u2009200 of 5\u2009000 attempts (64.0 %) failed in the last hour." in text
    assert "Will be disabled" not in text
    overview = owner.get("/").text
    assert "Will be disabled" not in overview
    for page in (overview, owner.get("/webhooks").text):
        assert "3\u2009200 of 5\u2009000 attempts failed in an hour" in page
