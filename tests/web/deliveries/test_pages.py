"""The story of one delivery: what is opened, what is hidden, who waits for whom."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import Attempt, Delivery, Due, Webhook
from app.runtime.context import runtime
from app.services.deliveries.sent_requests import OPENED
from app.services.events.publishing import publish_batch
from app.store.transaction import write_transaction
from app.web.deliveries import attempts
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

HTMX = {"HX-Request": "true"}


def test_only_opened_attempts_are_loaded(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    id_ = delivery(organization.id, hook, "failed", [(500, "status"), (503, "status")])
    page = owner.get(f"/deliveries/{id_}").text
    assert page.count("HTTP/1.1 503") == 1
    assert "HTTP/1.1 500" not in page
    path = f"/deliveries/{id_}/attempts/1"
    assert f'hx-get="{path}"' in page
    assert "HTTP/1.1 500" in owner.get(path, headers=HTMX).text
    assert owner.get(path).location == f"/deliveries/{id_}?attempt=1"
    assert "HTTP/1.1 500" in owner.get(f"/deliveries/{id_}?attempt=1").text


@pytest.mark.parametrize("number", ["7", "0", "99999999999999999999"])
def test_an_unknown_attempt_is_not_found(owner: Visitor, organization: Any, number: str) -> None:
    id_ = delivery(organization.id, webhook(organization.id))
    assert owner.get(f"/deliveries/{id_}/attempts/{number}", headers=HTMX).status_code == 404
    assert owner.get(f"/deliveries/{id_}?attempt={number}&before={number}").status_code == 200


def test_the_latest_attempts_are_shown_and_earlier_ones_are_linked(
    owner: Visitor, organization: Any
) -> None:
    id_ = delivery(organization.id, webhook(organization.id), "failed", [(503, "status")] * 60)
    page = owner.get(f"/deliveries/{id_}").text
    assert 'id="attempt-10"' not in page
    assert "10 earlier attempts are not shown" in page
    assert "Failed after 60 attempts" in page
    before = owner.get(f"/deliveries/{id_}?before=11").text
    assert 'id="attempt-10"' in before
    assert 'id="attempt-11"' not in before


def test_a_body_of_a_different_length_than_sent_is_not_shown(
    owner: Visitor, organization: Any
) -> None:
    id_ = delivery(organization.id, webhook(organization.id))
    with write_transaction() as session:
        session.execute(update(Attempt).values(request_head=b"POST / HTTP/1.1\nContent-Length: 3"))
    page = owner.get(f"/deliveries/{id_}").text
    assert "format has changed since" in page
    assert "curl command" not in page


def test_a_long_body_is_cut_and_can_be_downloaded(owner: Visitor, organization: Any) -> None:
    long = b'{"x": "' + b"y" * 70_000 + b'"}'
    hook = webhook(organization.id, body_format="render", preset="render")
    id_ = delivery(organization.id, hook, payload=long)
    page = owner.get(f"/deliveries/{id_}").text
    assert len(page) < 160_000
    assert "Only the beginning is shown" in page
    assert f"@{id_}.body" in page
    saved = owner.get(f"/deliveries/{id_}/body")
    assert saved.data == long
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{id_}.body"'


def test_a_token_is_hidden_until_it_is_revealed(
    owner: Visitor, viewer: Visitor, organization: Any
) -> None:
    token = runtime().vault.seal("t0ken")
    hook = webhook(organization.id, preset="asset", secret_token=token)
    id_ = delivery(organization.id, hook, body=b'{"a": 1}')
    head = b"POST / HTTP/1.1\r\nContent-Length: 8\r\nX-Streams-Token: t0ken\r\n\r\n"
    with write_transaction() as session:
        session.execute(update(Attempt).values(request_head=head))
    assert "t0ken" not in owner.get(f"/deliveries/{id_}").text
    shown = owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/reveal", attempt="1")
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.text.count("t0ken") == 2
    page = viewer.get(f"/deliveries/{id_}").text
    assert "Reveal" not in page
    assert "t0ken" not in page
    assert viewer.post(f"/deliveries/{id_}", f"/deliveries/{id_}/reveal").status_code == 403


def test_a_forms_api_key_is_hidden_in_the_body(
    owner: Visitor, viewer: Visitor, organization: Any
) -> None:
    hook = webhook(organization.id, preset="form_callback", body_format="form_callback")
    id_ = delivery(organization.id, hook, body=b"callback_id=7&api_key=k3y")
    page = owner.get(f"/deliveries/{id_}").text
    assert "k3y" not in page
    assert "25 B" in page
    assert owner.get(f"/deliveries/{id_}/body").data == b"callback_id=7&api_key=k3y"
    assert viewer.get(f"/deliveries/{id_}/body").data == b"callback_id=7&api_key=********"


def test_curl_calls_the_url_of_the_request(sqlite_app: Any) -> None:
    head = b"GET /in?a=%5B1%5D HTTP/1.1\r\nHost: e.com\r\nAccept: */*\r\n\r\n"
    attempt = Attempt(
        delivery_id=new_id(),
        url="https://e.com:8443?zone=1",
        request_head=head,
        started_at=0,
        total_us=1,
    )
    detail = attempts.detail(attempt, b"stored=for+the+query", OPENED)
    assert detail.body_known
    assert detail.curl is not None
    assert "https://e.com:8443/in?a=%5B1%5D" in detail.curl
    assert "--data" not in detail.curl


def ordered(organization: Any) -> list[str]:
    """Three deliveries of one key, the first of them failing."""
    hook = webhook(organization.id, ordered=True)
    published = publish_batch(organization.id, [draft(source="a") for _ in range(3)])
    ids = [event.deliveries[0].id for event in published]
    with write_transaction() as session:
        session.execute(update(Delivery).where(Delivery.id == ids[0]).values(state="retrying"))
        soon = now_ms() + 600_000
        session.execute(update(Due).where(Due.delivery_id == ids[0]).values(next_at=soon))
    assert [row.webhook_id for row in due_rows()] == [hook] * 3
    return ids


def test_a_waiting_delivery_names_the_earlier_one(owner: Visitor, organization: Any) -> None:
    first, second, third = ordered(organization)
    page = owner.get(f"/deliveries/{third}").text
    assert f'Waiting for <a href="/deliveries/{first}">' in page
    assert "1 more is in between" in page
    assert "2 later deliveries are" in owner.get(f"/deliveries/{first}").text
    assert "more" not in owner.get(f"/deliveries/{second}").text.partition("ordering key")[2][:90]


def test_one_on_hold_behind_an_earlier_delivery_says_both(
    owner: Visitor, organization: Any
) -> None:
    first, second, _ = ordered(organization)
    with write_transaction() as session:
        session.execute(update(Webhook).values(is_active=False))
    page = owner.get(f"/deliveries/{second}").text
    story = " ".join(page.partition('<p class="story">')[2].partition("</p>")[0].split())
    assert story.startswith("On hold: the webhook is paused. Sending continues when it is resumed.")
    assert story.endswith("Resume it</a>")
    assert f'Waiting for <a href="/deliveries/{first}">' in page


def test_the_earlier_delivery_can_be_cancelled(owner: Visitor, organization: Any) -> None:
    first, second, _ = ordered(organization)
    response = owner.post(f"/deliveries/{second}", f"/deliveries/{first}/cancel", back=second)
    assert response.location == f"/deliveries/{second}"
    states = {row.id: row.state for row in delivery_rows()}
    assert states[first] == "cancelled"
    assert next((row.delivery_id, row.head) for row in due_rows()) == (second, True)


def test_newer_and_older_follow_the_filtered_list(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    ids = [delivery(organization.id, hook, state, ()) for state in ("failed", "skipped", "failed")]
    page = unescape(owner.get(f"/deliveries/{ids[2]}?state=failed&q=").text)
    assert f'data-key="j" href="/deliveries/{ids[0]}?state=failed"' in page
    assert 'data-key="k"' not in page
    assert 'href="/deliveries?state=failed"' in page
    response = owner.post(f"/deliveries/{ids[2]}", f"/deliveries/{ids[2]}/resend?state=failed")
    assert response.location == f"/deliveries/{ids[2]}?state=failed"


def test_rows_link_with_the_filters_of_the_list(owner: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id))
    page = unescape(owner.get("/deliveries?status=5xx").text)
    assert f'href="/deliveries/{id_}?status=5xx"' in page
