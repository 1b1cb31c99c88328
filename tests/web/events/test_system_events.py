"""Callboard's own events are apart from the producers'."""

from typing import Any

from app.domain.event_types.fields import EventTypeFields
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_types
from tests.web.records import event
from tests.web.visitor import Visitor


def rows(owner: Visitor, path: str) -> str:
    return owner.get(path).text.partition("<tbody")[2]


def test_each_list_has_its_own(owner: Visitor, organization: Any) -> None:
    foreign = event(organization.id)
    ours = event(organization.id, type="webhook.failing")
    assert foreign in rows(owner, "/events")
    assert ours not in rows(owner, "/events")
    assert ours in rows(owner, "/events?system=yes")
    assert foreign not in rows(owner, "/events?system=yes")


def test_a_filter_by_type_or_id_finds_them_without_the_tab(
    owner: Visitor, organization: Any
) -> None:
    ours = event(organization.id, type="delivery.failed")
    assert ours in rows(owner, "/events?type=delivery.failed")
    assert ours in rows(owner, f"/events?q={ours}")


def test_an_unreadable_choice_is_an_error_in_words(owner: Visitor, organization: Any) -> None:
    assert "Invalid filters" in owner.get("/events?system=maybe").text


def test_a_system_type_is_listed_once(owner: Visitor, organization: Any) -> None:
    event_types.put(organization.id, "webhook.failing", EventTypeFields(), SYSTEM)
    event_types.put(organization.id, "media.ready", EventTypeFields(), SYSTEM)
    page = owner.get("/event-types").text
    assert page.count('href="/event-types/webhook.failing"') == 1
    assert page.count('href="/event-types/media.ready"') == 1
    matches = owner.get("/event-types?q=webhook.fail").text
    assert matches.count('href="/event-types/webhook.failing"') == 1
