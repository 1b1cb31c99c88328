"""An id of the caller's own for webhooks, and lists by metadata."""

from typing import Any

import pytest

from tests.api.conftest import Caller

URL = "https://example.com/hook"


@pytest.fixture
def webhook(api: Caller) -> Any:
    return api.post("/webhooks", {"url": URL, "uid": "orders-1"})


def test_every_path_takes_the_uid(api: Caller, webhook: Any) -> None:
    path = "/webhooks/orders-1"
    assert webhook["uid"] == "orders-1"
    assert api("GET", path).json["id"] == webhook["id"]
    assert api("PATCH", path, {"name": "x"}).json["name"] == "x"
    assert api("PUT", path, {"url": URL}).json["uid"] == "orders-1"
    assert api("GET", f"{path}/secret").status_code == 200
    assert api("POST", f"{path}/rotate-secret").status_code == 200
    assert api("POST", f"{path}/end-secret-overlap").status_code == 204
    since = {"since": "2026-01-01T00:00:00Z", "dry_run": True}
    for action in ("recover", "send-missed"):
        assert api("POST", f"{path}/{action}", since).json["count"] == 0
    assert api("DELETE", path).status_code == 204
    assert api("GET", path).status_code == 404


def test_a_document_that_was_read_can_be_sent_back(api: Caller, webhook: Any) -> None:
    document = api("GET", "/webhooks/orders-1").json
    response = api("PUT", "/webhooks/orders-1", document)
    assert (response.status_code, response.json["uid"]) == (200, "orders-1")


def test_it_is_changed_removed_and_free_again(api: Caller, webhook: Any) -> None:
    assert api("PATCH", "/webhooks/orders-1", {"uid": "orders-2"}).json["uid"] == "orders-2"
    assert api("PATCH", "/webhooks/orders-2", {"uid": None}).json["uid"] is None
    assert api("GET", "/webhooks/orders-2").status_code == 404
    assert api.post("/webhooks", {"url": URL, "uid": "orders-2"})["uid"] == "orders-2"


def test_it_is_unique(api: Caller, webhook: Any) -> None:
    assert api("POST", "/webhooks", {"url": URL, "uid": "orders-1"}).status_code == 409
    other = api.post("/webhooks", {"url": URL})
    assert api("PATCH", f"/webhooks/{other['id']}", {"uid": "orders-1"}).status_code == 409


@pytest.mark.parametrize("uid", ["", "a b", 5, "x" * 257, "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"])
def test_an_invalid_uid_is_refused(api: Caller, uid: Any) -> None:
    response = api("POST", "/webhooks", {"url": URL, "uid": uid})
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "uid"


@pytest.mark.parametrize("text", ["nobody", "a%00b", "a%20b", "x" * 300])
def test_an_unknown_uid_is_not_found(api: Caller, text: str) -> None:
    assert api("GET", f"/webhooks/{text}").status_code == 404


def test_webhooks_are_listed_by_metadata(api: Caller) -> None:
    for metadata in ({"team": "video"}, {"team": "audio", "a.b": "c:d"}, {}):
        api.post("/webhooks", {"url": URL, "metadata": metadata})
    listed = [
        [row["metadata"] for row in api("GET", f"/webhooks?metadata={pair}").json["data"]]
        for pair in ("team:video", "a.b:c%3Ad", "team:vid", "other:video", "team:%22%5D")
    ]
    assert listed == [[{"team": "video"}], [{"team": "audio", "a.b": "c:d"}], [], [], []]


@pytest.mark.parametrize("pair", ["team", ":video", "team:", "te%22am:x", "team:a%00"])
def test_an_invalid_pair_is_refused(api: Caller, pair: str) -> None:
    response = api("GET", f"/webhooks?metadata={pair}")
    assert response.status_code == 422
    assert "team:video" in response.json["errors"][0]["remedy"]
