"""Page addresses of earlier releases lead to the new ones."""

import pytest
from flask import Flask

from tests.web.visitor import Visitor

ID = "018f0000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/failures", "/issues"),
        ("/failures?x=1&y=%20", "/issues?x=1&y=%20"),
        ("/failures/resend?webhook_id=a", "/issues/resend?webhook_id=a"),
        ("/catcher", "/test-inbox"),
        (f"/catcher/{ID}/requests/{ID}", f"/test-inbox/{ID}/requests/{ID}"),
        (f"/catcher/{ID}/delete", f"/test-inbox/{ID}/delete"),
        (f"/portal/{ID}/catcher", f"/portal/{ID}/test-inbox"),
    ],
)
def test_an_old_address_redirects_to_the_new_one(sqlite_app: Flask, old: str, new: str) -> None:
    response = sqlite_app.test_client().get(old)
    assert (response.status_code, response.headers["Location"]) == (301, new)


def test_a_post_to_an_old_address_keeps_its_method_and_body(owner: Visitor) -> None:
    response = owner.post("/issues", "/failures/take-back", webhook_id="x")
    assert (response.status_code, response.headers["Location"]) == (308, "/issues/reopen")


def test_urls_of_test_inboxes_handed_out_before_still_receive(owner: Visitor) -> None:
    owner.post("/test-inbox")
    page = owner.get("/test-inbox").text
    token = page.partition("/catch/")[2][:32]
    response = owner.client.post(f"/catch/{token}", data=b"hello")
    assert response.status_code == 200
