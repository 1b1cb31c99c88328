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
def test_who_has_not_chosen_hears_what_their_role_does(
    role: str, chosen: list[str] | None, kinds: tuple[str, ...]
) -> None:
    assert notices.kinds_of(role, chosen) == kinds


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        notices.check_kinds([FAILED, "x"])
    assert [error.field for error in refused.value.errors] == ["kinds[1]"]


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
def test_that_news_did_not_arrive_is_no_news(kind: str, event_type: str, published: bool) -> None:
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
def test_mails_about_one_webhook_keep_a_distance(
    kinds: list[str], last_at: int | None, at: int
) -> None:
    assert notices.send_at(kinds, 1_000_000, last_at) == at


def test_an_event_about_a_delivery_that_was_given_up() -> None:
    about = {"id": "d", "attempts": 4, "event_id": "e", "event_type": "encoding.finished"}
    detail: dict[str, Any] = {"cause": "status", "status": 503, "attempts": 4}
    assert notices.payload(FAILED, WEBHOOK, detail, about) == {
        "webhook": WEBHOOK,
        "delivery": {"id": "d", "attempts": 4},
        "event": {"id": "e", "type": "encoding.finished"},
        "cause": "status",
        "status": 503,
    }


def test_an_event_about_a_webhook() -> None:
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
def test_a_subject_says_what_matters_most(counts: dict[str, int], last: str, subject: str) -> None:
    assert notices.subject(counts, "Encoder", last) == subject
