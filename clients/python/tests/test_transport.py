from datetime import UTC, datetime

import pytest
import requests

import callboard
from callboard import Callboard, RetryPolicy
from callboard.errors import BY_CODE

PAGE = {"data": [], "next_cursor": None}


def test_a_request_uses_the_key_and_ignores_netrc(server, client, Response, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.responds_with(Response(200, PAGE))
    list(client.webhooks.list())
    assert server.requests[0].headers["Authorization"] == "Bearer cb_key-of-tests"


def test_a_platform_key_names_its_organization(server, Response):
    server.responds_with(Response(200, PAGE))
    list(Callboard(server.url, "platform", organization="o-1").webhooks.list())
    assert server.requests[0].headers["Callboard-Organization"] == "o-1"


@pytest.mark.parametrize("path", ["", "/", "/api/v1", "/api/v1/"])
def test_the_url_may_include_the_api_prefix(server, Response, path):
    server.responds_with(Response(200, PAGE))
    list(Callboard(f"{server.url}{path}", "k").webhooks.list())
    assert server.requests[0].path == "/api/v1/webhooks"


def test_url_and_key_default_to_the_environment(server, Response, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "from-environment")
    server.responds_with(Response(200, PAGE))
    list(Callboard().webhooks.list())
    assert server.requests[0].headers["Authorization"] == "Bearer from-environment"


@pytest.mark.parametrize("url", ["", "callboard.example.com", "ftp://example.com", "http://"])
def test_an_invalid_url_is_rejected_immediately(url):
    with pytest.raises(callboard.CallboardError):
        Callboard(url, "k")


@pytest.mark.parametrize("code", BY_CODE)
def test_each_kind_of_problem_has_its_error(server, client, problem, code):
    status = 429 if code == "rate_limited" else 503 if code == "unavailable" else 400
    server.responds_with(problem(status, code, "Because."))
    with pytest.raises(callboard.ApiError) as error:
        client.webhooks.get("w")
    assert type(error.value) is BY_CODE[code]
    assert str(error.value) == "Because."


def test_an_error_has_its_fields_and_its_request_id(server, client, problem):
    field = {"field": "url", "code": "url", "problem": "It is none.", "remedy": "Use https."}
    server.responds_with(problem(422, "invalid", "url: no", errors=[field], request_id="r-1"))
    with pytest.raises(callboard.Invalid) as error:
        client.webhooks.create(url="x")
    assert error.value.errors == (
        callboard.FieldProblem("url", "url", "It is none.", "Use https."),
    )
    assert error.value.request_id == "r-1"


def test_an_unknown_code_gets_the_error_of_its_status(server, client, problem):
    server.responds_with(problem(409, "new_kind_of_conflict"))
    with pytest.raises(callboard.Conflict):
        client.deliveries.cancel("d")


def test_an_error_page_of_a_proxy_is_an_error(server, client, Response):
    server.responds_with(Response(413, b"<html>too large</html>", {"Content-Type": "text/html"}))
    with pytest.raises(callboard.TooLarge):
        client.webhooks.create(url="https://example.com")


def test_a_redirect_is_not_followed(server, client, Response):
    server.responds_with(Response(301, b"", {"Location": "https://elsewhere.example"}))
    with pytest.raises(callboard.ApiError, match=r"redirects to https://elsewhere\.example"):
        client.events.create("a", {})
    assert len(server.requests) == 1


def test_a_response_that_is_not_json_is_not_from_callboard(server, client, Response):
    server.responds_with(Response(200, b"<html>", {"Content-Type": "text/html"}))
    with pytest.raises(callboard.CallboardError, match="is this Callboard"):
        client.webhooks.get("w")


@pytest.mark.parametrize("status", [0, 429, 500, 502, 503, 504])
def test_a_read_is_retried_after_a_failure(server, client, Response, status):
    server.responds_with(Response(status), Response(200, {"id": "w"}))
    assert client.webhooks.get("w")["id"] == "w"


def test_what_the_server_does_not_implement_is_not_retried(server, client, Response):
    server.responds_with(Response(501))
    with pytest.raises(callboard.CallboardError):
        client.webhooks.get("w")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [0, 500, 502, 504])
def test_an_event_is_retried_with_the_same_id(server, client, Response, accepting, status):
    first = iter([Response(status)])
    server.respond = lambda request: next(first, None) or accepting(request)
    client.events.create("a", {})
    ids = [request.json()["id"] for request in server.requests]
    assert len(ids) == 2
    assert ids[0] == ids[1]


@pytest.mark.parametrize("status", [0, 500, 502, 504])
def test_a_request_that_may_have_succeeded_is_not_retried(server, client, Response, status):
    server.responds_with(Response(status))
    with pytest.raises(callboard.CallboardError):
        client.deliveries.resend("d")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_request_that_the_server_did_not_accept_is_retried(server, client, Response, status):
    server.responds_with(Response(status), Response(202, {"id": "d"}))
    assert client.deliveries.resend("d")["id"] == "d"


def test_the_number_of_retries_is_limited(server, client, Response):
    server.responds_with(Response(502))
    with pytest.raises(callboard.Unreachable):
        client.webhooks.get("w")
    assert len(server.requests) == 4


def test_retry_after_is_honored(server, Response):
    delays = []
    transport = callboard.client.Transport(server.url, "k", sleep=delays.append)
    server.responds_with(Response(429, headers={"Retry-After": "7"}), Response(200, {}))
    transport.get("/webhooks")
    assert delays == [7.0]


def test_delays_grow_to_their_maximum():
    policy = RetryPolicy(initial_delay=1, max_delay=8)
    delays = [policy.delay(retry) for retry in (1, 2, 3, 4, 5, 2000)]
    longest = [1, 2, 4, 8, 8, 8]
    pairs = zip(delays, longest, strict=True)
    assert all(most / 2 <= delay <= most for delay, most in pairs)


def test_a_missing_server_is_reported_as_unreachable():
    policy = RetryPolicy(retries=1, initial_delay=0.001)
    with pytest.raises(callboard.Unreachable, match=r"Cannot connect to http://127\.0\.0\.1:1"):
        Callboard("http://127.0.0.1:1", "k", retry_policy=policy).deliveries.resend("d")


def test_an_unresponsive_server_times_out(server, Response):
    session = requests.Session()
    with session, Callboard(server.url, "k", timeout=0.05, session=session) as client:
        server._lock.acquire()
        with pytest.raises(callboard.Unreachable, match="did not respond within"):
            client.deliveries.resend("d")
        server._lock.release()


@pytest.mark.parametrize("webhook_id", ["", ".", ".."])
def test_an_id_never_changes_the_path(client, webhook_id):
    with pytest.raises(ValueError, match="is not an id"):
        client.webhooks.delete(webhook_id)


def test_an_id_is_percent_encoded(server, client):
    client.event_types.get("a/b?c")
    assert server.requests[0].path == "/api/v1/event-types/a%2Fb%3Fc"


def test_a_list_reads_all_pages(server, client, Response):
    server.responds_with(
        Response(200, {"data": [{"id": 1}], "next_cursor": "c"}),
        Response(200, {"data": [], "next_cursor": "d"}),
        Response(200, {"data": [{"id": 2}], "next_cursor": None}),
    )
    assert [each["id"] for each in client.deliveries.list()] == [1, 2]
    assert [each.query.get("cursor") for each in server.requests] == [None, "c", "d"]


def test_a_list_reads_no_more_pages_than_needed(server, client, Response):
    server.responds_with(Response(200, {"data": [{"id": 1}, {"id": 2}], "next_cursor": "c"}))
    assert len(client.deliveries.list().first(2)) == 2
    assert [each.query["limit"] for each in server.requests] == ["2"]


def test_filters_are_encoded_as_the_api_expects(server, client, Response):
    server.responds_with(Response(200, PAGE))
    since = datetime(2026, 2, 24, 11, 52, tzinfo=UTC)
    list(client.deliveries.list(state=["failed", "skipped"], since=since, status_code=503))
    query = server.requests[0].query
    assert query["state"] == "failed,skipped"
    assert query["since"] == "2026-02-24T11:52:00+00:00"
    assert query["status_code"] == "503"


def test_a_time_without_a_time_zone_is_rejected(client):
    with pytest.raises(ValueError, match="time zone"):
        client.events.list(since=datetime(2026, 2, 24))
