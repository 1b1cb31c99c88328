from typing import Any

import pytest

from app.domain.common.errors import Invalid
from app.domain.notifications import system_events as notices
from app.domain.notifications.system_events import DISABLED, FAILED, FAILING, RECOVERED

WEBHOOK = {"id": "w", "name": "Encoder", "url": "https://e.example.com/"}


@pytest.mark.parametrize(
    ("role", "chosen", "kinds"),
    [
        ("owner", None, (DISABLED, FAILING, RECOVERED)),
        ("member", None, ()),
        ("owner", [], ()),
        ("viewer", [FAILED, DISABLED], (DISABLED, FAILED)),
        ("member", ["something.old"], ()),
    ],
)
def test_without_a_choice_the_role_decides_which_emails_are_sent(
    role: str, chosen: list[str] | None, kinds: tuple[str, ...]
) -> None:
    assert notices.kinds_of(role, chosen) == kinds


def test_an_unknown_kind_is_rejected() -> None:
    with pytest.raises(Invalid) as refused:
        notices.check_kinds([FAILED, "x", {}, []])
    fields = [error.field for error in refused.value.errors]
    assert fields == ["kinds[1]", "kinds[2]", "kinds[3]"]


@pytest.mark.parametrize(
    ("kind", "event_type", "published"),
    [
        (FAILED, "encoding.finished", True),
        (FAILED, "callboard.test", True),
        (FAILED, FAILED, False),
        (FAILED, FAILING, False),
        (FAILING, FAILED, True),
    ],
)
def test_a_failed_system_event_causes_no_further_event(
    kind: str, event_type: str, published: bool
) -> None:
    assert notices.is_published(kind, event_type) is published


@pytest.mark.parametrize(
    ("kinds", "last_at", "at"),
    [
        ([FAILED], None, 1_030_000),
        ([FAILED], 900_000, 1_800_000),
        ([FAILED, DISABLED], 900_000, 1_030_000),
        ([FAILING], 1_000, 1_030_000),
    ],
)
def test_emails_about_one_webhook_are_spaced_out(
    kinds: list[str], last_at: int | None, at: int
) -> None:
    assert notices.send_at(kinds, 1_000_000, last_at) == at


def test_an_event_about_a_failed_delivery_has_these_fields() -> None:
    about = {"id": "d", "attempts": 4, "event_id": "e", "event_type": "encoding.finished"}
    detail: dict[str, Any] = {"cause": "status", "status": 503, "attempts": 4}
    assert notices.payload(FAILED, WEBHOOK, detail, about) == {
        "webhook": WEBHOOK,
        "delivery": {"id": "d", "attempts": 4},
        "event": {"id": "e", "type": "encoding.finished"},
        "cause": "status",
        "status": 503,
    }


def test_an_event_about_a_webhook_has_these_fields() -> None:
    detail = {"reason": "The receiver answered 410 Gone.", "since": 1_772_000_000_000}
    assert notices.payload(DISABLED, WEBHOOK, detail) == {
        "webhook": WEBHOOK,
        "reason": "The receiver answered 410 Gone.",
        "since": "2026-02-25T06:13:20.000Z",
    }


@pytest.mark.parametrize(
    ("counts", "last", "subject"),
    [
        ({DISABLED: 1, FAILED: 9, FAILING: 1}, DISABLED, "Encoder was disabled"),
        ({FAILING: 1, FAILED: 9}, FAILING, "Encoder is failing"),
        ({FAILING: 1, RECOVERED: 1}, RECOVERED, "Encoder failed and recovered"),
        ({RECOVERED: 1}, RECOVERED, "Encoder recovered"),
        ({FAILED: 1}, "", "1 delivery to Encoder failed"),
        ({FAILED: 2}, "", "2 deliveries to Encoder failed"),
    ],
)
def test_a_subject_names_the_most_important_event(
    counts: dict[str, int], last: str, subject: str
) -> None:
    assert notices.subject(counts, "Encoder", last) == subject
