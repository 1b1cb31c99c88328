"""The receiver that other tests trust."""

import socket

import requests

from tests.support.receiver import Receiver


def test_a_request_is_kept_as_it_came(receiver: Receiver) -> None:
    requests.request("PURGE", f"{receiver.url}/a?b=1", headers={"X-One": "1"}, data=b"\x00\xff")
    (request,) = receiver.wait_for(1)
    assert (request.method, request.path, request.query) == ("PURGE", "/a", "b=1")
    assert request.body == b"\x00\xff"
    assert ("X-One", "1") in request.headers


def test_scripted_answers_come_before_the_standing_one(receiver: Receiver) -> None:
    receiver.answer(204)
    receiver.answer(503, [("Retry-After", "3")], b"busy", times=2)
    got = [requests.post(receiver.url, data=b"{}") for _ in range(3)]
    assert [answer.status_code for answer in got] == [503, 503, 204]
    assert got[0].headers["Retry-After"] == "3"


def test_a_chunked_body_is_put_together(receiver: Receiver) -> None:
    requests.post(receiver.url, data=iter([b"one", b"two"]))
    assert receiver.wait_for(1)[0].body == b"onetwo"


def test_it_listens_on_loopback_only(receiver: Receiver) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port)) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
