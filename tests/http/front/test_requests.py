"""What a request may look like, and what happens to one that is none."""

import pytest

from tests.http.front.web import EVENT, Web
from tests.support.raw_client import RawClient, request_bytes

PROBLEM = "application/problem+json"


def refused(client: RawClient, status: int, code: str) -> None:
    response = client.response()
    assert (response.status, response.headers["content-type"]) == (status, PROBLEM)
    assert response.json()["code"] == code
    assert response.json()["status"] == status
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert response.headers["connection"] == "close"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert client.ends()


def test_pipelined_requests_are_answered_in_their_order(web: Web) -> None:
    with web.client() as client:
        client.send(
            web.event()
            + request_bytes("GET", "/healthz")
            + request_bytes("GET", "/sign-in")
            + web.event(b"{}")
            + request_bytes("GET", "/nothing/here")
        )
        assert [client.response().status for _ in range(5)] == [202, 200, 200, 422, 404]


def test_a_client_that_ends_its_side_gets_the_responses_to_what_it_sent(web: Web) -> None:
    with web.client() as client:
        client.send(web.event() + web.event())
        client.socket.shutdown(1)
        assert [client.response().status for _ in range(2)] == [202, 202]
        assert client.ends()


@pytest.mark.parametrize("missing", [1, 20, 60])
def test_a_request_that_ends_too_early_is_handled_by_nobody(web: Web, missing: int) -> None:
    event = web.event(b'{"type":"never.whole","payload":{}}')
    with web.client() as client:
        client.send(event[:-missing])
        client.socket.shutdown(1)
        response = client.response()
        assert (response.status, response.json()["code"]) == (400, "malformed")
        assert client.ends()
    assert web.stored("never.whole") == 0


def test_an_event_is_stored_although_its_client_has_left(web: Web) -> None:
    with web.client() as client:
        client.send(web.event(b'{"type":"left.alone","payload":{}}'))
    with web.client() as client:
        client.send(web.event())
        assert client.response().status == 202
    assert web.stored("left.alone") == 1


def test_a_chunked_body_with_extensions_and_trailers_is_one_body(web: Web) -> None:
    parts = (EVENT[:7], EVENT[7:])
    chunks = b"".join(b"%x;name=value\r\n%b\r\n" % (len(part), part) for part in parts)
    with web.client() as client:
        head = web.head(**{"Transfer-Encoding": "chunked"})
        client.send(head, b"\r\n", chunks, b"0\r\nX-Trailer: ignored\r\n\r\n")
        assert client.response().status == 202
        client.send(web.event())
        assert client.response().status == 202


def test_a_trailer_changes_no_header(web: Web) -> None:
    with web.client() as client:
        head = request_bytes("POST", "/api/v1/events", {"Transfer-Encoding": "chunked"})
        client.send(head, b"2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
        refused(client, 400, "malformed")


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        (b"Content-Length: 2\r\nTransfer-Encoding: chunked", 400, "malformed"),
        (b"Content-Length: 2\r\nContent-Length: 3", 400, "malformed"),
        (b"Content-Length: 2, 2", 400, "malformed"),
        (b"Content-Length: +2", 400, "malformed"),
        (b"Content-Length: -1", 400, "malformed"),
        (b"Transfer-Encoding: chunked, chunked", 400, "malformed"),
        (b"Transfer-Encoding: gzip", 400, "malformed"),
        (b"Transfer-Encoding: nonsense", 501, "transfer_coding"),
        (b"Host: another", 400, "malformed"),
        (b"Bad Name: x", 400, "malformed"),
        (b"No colon", 400, "malformed"),
        (b" folded: x", 400, "malformed"),
        (b"X-Control: a\x01b", 400, "malformed"),
        (b"Expect: a-miracle", 417, "expectation"),
        (b"X-Long: " + b"x" * 9000, 431, "too_large"),
        (b"\r\n".join(b"X-%d: x" % n for n in range(101)), 431, "too_large"),
        (b"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off", 400, "malformed"),
    ],
)
def test_a_malformed_header_is_refused(web: Web, lines: bytes, status: int, code: str) -> None:
    with web.client() as client:
        client.send(b"POST /api/v1/events HTTP/1.1\r\nHost: a\r\n", lines, b"\r\n\r\n{}")
        refused(client, status, code)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /healthz", 400),
        (b"GET  /healthz HTTP/1.1", 400),
        (b"get /healthz HTTP/1.1", 400),
        (b"GET /healthz HTTP/2.0", 400),
        (b"GET /healthz HTTP/0.9", 400),
        (b"GET healthz HTTP/1.1", 400),
        (b"GET /h\xe9 HTTP/1.1", 400),
        (b"PRI * HTTP/2.0", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1", 414),
        (b"GET http://[/ HTTP/1.1", 400),
    ],
)
def test_a_malformed_request_line_is_refused(web: Web, line: bytes, status: int) -> None:
    with web.client() as client:
        client.send(line + b"\r\nHost: a\r\n\r\n")
        refused(client, status, "too_large" if status == 414 else "malformed")


def test_a_header_without_end_is_refused_before_it_fills_the_memory(web: Web) -> None:
    with web.client() as client:
        client.send(b"GET /healthz HTTP/1.1\r\n")
        for number in range(20):
            client.send(b"X-%d: %b\r\n" % (number, b"x" * 4000))
        assert client.response().status == 431


def test_a_path_that_is_not_utf_8_is_not_found(web: Web) -> None:
    with web.client() as client:
        client.send(request_bytes("GET", "/api/v1/%ff%fe"), request_bytes("GET", "/%ff"))
        assert client.response().json()["code"] == "no_such_path"
        assert client.response().status == 404


def test_a_client_that_expects_100_gets_it_before_it_sends_the_body(web: Web) -> None:
    with web.client() as client:
        head, _, body = web.event(Expect="100-continue").partition(b"\r\n\r\n")
        client.send(head, b"\r\n\r\n")
        assert client.response().status == 100
        client.send(body)
        assert client.response().status == 202


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_read_so_that_the_response_arrives(
    web: Web, chunked: bool
) -> None:
    body = b" " * (3 << 20)
    with web.client() as client:
        if chunked:
            client.send(web.head(**{"Transfer-Encoding": "chunked"}), b"\r\n")
            client.send(b"%x\r\n" % len(body), body, b"\r\n0\r\n\r\n")
        else:
            client.send(web.event(body))
        response = client.response()
        assert (response.status, response.json()["code"]) == (413, "too_large")
        client.send(web.event())
        assert client.response().status == 202


def test_a_length_beyond_all_limits_is_refused_unread(web: Web) -> None:
    with web.client() as client:
        client.send(web.head(**{"Content-Length": str(1 << 40)}), b"\r\n")
        refused(client, 413, "too_large")


def test_an_upgrade_gets_the_response_of_the_pages(web: Web) -> None:
    with web.client() as client:
        upgrade = {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": ""}
        client.send(request_bytes("GET", "/healthz", upgrade))
        assert client.response().status == 200


def test_a_header_with_an_underscore_is_nobodys(web: Web) -> None:
    with web.client() as client:
        client.send(request_bytes("GET", "/healthz", {"X_Request_Id": "chosen-by-me"}))
        assert client.response().headers["x-request-id"] != "chosen-by-me"


def test_a_method_that_nobody_knows_reaches_the_kernel(web: Web) -> None:
    with web.client() as client:
        client.send(request_bytes("BREW", "/healthz"))
        response = client.response()
        assert (response.status, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_head_and_options_are_answered_as_ever(web: Web) -> None:
    with web.client() as client:
        client.send(request_bytes("HEAD", "/healthz"), request_bytes("OPTIONS", "/healthz"))
        head = client.response("HEAD")
        assert (head.status, head.headers["content-length"]) == (200, "33")
        options = client.response()
        assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
        assert "content-length" not in options.headers


def test_a_client_of_http_1_0_gets_one_response(web: Web) -> None:
    with web.client() as client:
        client.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert client.response().headers["connection"] == "close"
        assert client.ends()


def test_a_target_with_a_host_is_served_by_its_path(web: Web) -> None:
    with web.client() as client:
        client.send(request_bytes("GET", "http://elsewhere.test/healthz"))
        assert client.response().json()["status"] == "ok"


def test_a_long_request_behind_another_one_is_read_to_its_end(web: Web) -> None:
    with web.client() as client:
        event = b'{"type":"a.b","payload":{"a":"' + b"x" * 900_000 + b'"}}'
        client.send(web.event() + web.event(event) + request_bytes("GET", "/healthz"))
        assert [client.response().status for _ in range(3)] == [202, 202, 200]
