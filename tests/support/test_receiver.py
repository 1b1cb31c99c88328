"""The receiver that other tests rely on."""

import socket

import requests

from tests.support.servers.receiver import Receiver


def test_a_request_is_recorded_unchanged(receiver: Receiver) -> None:
    requests.request("PURGE", f"{receiver.url}/a?b=1", headers={"X-One": "1"}, data=b"\x00\xff")
    (request,) = receiver.wait_for(1)
    assert (request.method, request.path, request.query) == ("PURGE", "/a", "b=1")
    assert request.body == b"\x00\xff"
    assert ("X-One", "1") in request.headers


def test_queued_responses_come_before_the_default_one(receiver: Receiver) -> None:
    receiver.respond(204)
    receiver.respond(503, [("Retry-After", "3")], b"busy", times=2)
    responses = [requests.post(receiver.url, data=b"{}") for _ in range(3)]
    assert [response.status_code for response in responses] == [503, 503, 204]
    assert responses[0].headers["Retry-After"] == "3"


def test_a_chunked_body_is_reassembled(receiver: Receiver) -> None:
    requests.post(receiver.url, data=iter([b"one", b"two"]))
    assert receiver.wait_for(1)[0].body == b"onetwo"


def test_it_listens_on_loopback_only(receiver: Receiver) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port)) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
