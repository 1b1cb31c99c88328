"""The page of a delivery compares two of its attempts."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from app.models import Attempt
from app.services.accounts.actor import Actor
from app.services.deliveries import actions
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

HEAD = b"HTTP/1.1 503 Busy\r\nContent-Type: %b\r\nDate: %b\r\n\r\n"
TWICE = [(503, "status"), (503, "status")]


def change(id_: str, number: int, **columns: Any) -> None:
    with write_transaction() as session:
        which = (Attempt.delivery_id == id_, Attempt.number == number)
        session.execute(update(Attempt).where(*which).values(**columns))


def compared(visitor: Visitor, id_: str, numbers: str = "1,2") -> str:
    """The text of the section, without tags."""
    page = visitor.get(f"/deliveries/{id_}?compare={numbers}").text
    section = page.partition('id="comparison"')[2].partition("</section>")[0]
    words = [part.partition(">")[2] for part in section.split("<")]
    return unescape(" ".join(" ".join(words).split()))


@pytest.fixture
def twice_id(organization: Any) -> str:
    return delivery(organization.id, webhook(organization.id), "failed", TWICE)


def test_equal_attempts_are_said_to_be_equal(owner: Visitor, twice_id: str) -> None:
    text = compared(owner, twice_id)
    assert text.count("The headers are equal.") == 2
    assert "The bodies are byte-identical, 87 B: a retry sends the same body." in text
    assert "The bodies are byte-identical, 18 B." in text


def test_headers_and_json_fields_that_differ_are_listed(owner: Visitor, twice_id: str) -> None:
    change(twice_id, 1, response_head=HEAD % (b"application/json", b"Mon"))
    change(
        twice_id,
        2,
        response_head=HEAD % (b"application/json", b"Tue"),
        response_body=b'{"error": "never"}',
    )
    text = compared(owner, twice_id)
    assert "Date Attempt 1 Mon Attempt 2 Tue" in text
    assert 'error Attempt 1 "later" Attempt 2 "never"' in text


def test_other_text_is_compared_by_line(owner: Visitor, twice_id: str) -> None:
    head = HEAD % (b"text/html", b"Mon")
    change(twice_id, 1, response_head=head, response_body=b"<p>\nold\n</p>")
    change(twice_id, 2, response_head=head, response_body=b"<p>\nnew\n</p>")
    assert "Attempt 1: - old Attempt 2: + new" in compared(owner, twice_id)


def test_binary_bodies_are_compared_as_a_whole(owner: Visitor, twice_id: str) -> None:
    change(twice_id, 2, response_body=b"\0\1\2")
    assert "The bodies differ: 18 B and 3 B, not both text." in compared(owner, twice_id)


def test_the_order_of_fields_is_no_difference_but_is_mentioned(
    owner: Visitor, twice_id: str
) -> None:
    change(twice_id, 2, response_body=b'{"error":"later"}')
    assert "the same JSON fields, but differ in white space" in compared(owner, twice_id)


def test_after_a_resend_requests_of_one_length_may_differ(
    owner: Visitor, organization: Any
) -> None:
    id_ = delivery(organization.id, webhook(organization.id), "failed", TWICE[:1])
    actions.resend(organization.id, id_, Actor("user", None, "mara@example.com"))
    twice = delivery(organization.id, webhook(organization.id), "failed", TWICE)
    with write_transaction() as session:
        second = (Attempt.delivery_id == twice, Attempt.number == 2)
        session.execute(update(Attempt).where(*second).values(delivery_id=id_))
    assert "the same length, 87 B. Only the last one is kept." in compared(owner, id_)


def test_an_attempt_without_response_is_named(owner: Visitor, organization: Any) -> None:
    attempts = [(None, "connect_timeout"), (503, "status")]
    id_ = delivery(organization.id, webhook(organization.id), "failed", attempts)
    assert "No response in attempt 1." in compared(owner, id_)


def test_hidden_parts_stay_hidden(viewer: Visitor, organization: Any) -> None:
    hook = webhook(organization.id, preset="asset")
    id_ = delivery(organization.id, hook, "failed", TWICE)
    head = b"POST /hook?a=1 HTTP/1.1\r\nX-Streams-Token: %b\r\n\r\n"
    change(id_, 1, request_head=head % b"olds3cret")
    change(id_, 2, request_head=head % b"news3cret")
    page = viewer.get(f"/deliveries/{id_}?compare=1,2").text
    assert "s3cret" not in page
    assert "X-Streams-Token" in compared(viewer, id_)
    assert "(hidden; another value)" in compared(viewer, id_)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ("1", "Name two different attempts"),
        ("1,1", "Name two different attempts"),
        ("1,2,3", "Name two different attempts"),
        ("a,b", "Name two different attempts"),
        ("-1,2", "Name two different attempts"),
        ("1,7", "This delivery has no attempt 7."),
        ("1,99999999999", "This delivery has no attempt 2147483647."),
        ("1&compare=2", "The headers are equal."),
        ("2,1", "The headers are equal."),
    ],
)
def test_what_to_compare_is_read_from_the_url(
    owner: Visitor, twice_id: str, numbers: str, words: str
) -> None:
    assert words in compared(owner, twice_id, numbers)


def test_a_page_offers_to_compare_its_attempts(owner: Visitor, twice_id: str) -> None:
    page = owner.get(f"/deliveries/{twice_id}").text
    assert page.count('name="compare"') == 2
    assert f'href="/deliveries/{twice_id}?compare=1,2#comparison"' in unescape(page)


def test_a_single_attempt_is_not_compared(owner: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id))
    assert 'id="comparison"' not in owner.get(f"/deliveries/{id_}").text
