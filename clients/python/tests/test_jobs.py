"""Jobs, issues and statistics: the resources and the command."""

import json

import pytest

from callboard import Callboard, Conflict, RetryPolicy, Unreachable
from callboard.cli.deliveries import jobs
from callboard.cli.main import run
from callboard.transport import PIECE_BYTES

OUTCOMES = {
    "succeeded": 1, "failed": 1, "waiting": 0, "on_hold": 0, "cancelled": 0, "elsewhere": 0,
}  # fmt: skip


def job(state="running", **more):
    return {
        "id": "j", "kind": "resend", "state": state, "filter": {"state": ["failed"]}, "count": 2,
        "total": 5, "problem": None, "started_by": "ada", "created_at": "t", "started_at": None,
        "ended_at": None, "deliveries": OUTCOMES, "seconds_left": None, **more,
    }  # fmt: skip


@pytest.fixture
def client(server):
    return Callboard(server.url, "k")


@pytest.fixture
def logged_in(server, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")


def test_jobs_are_started_with_their_kind(client, server, Response):
    server.responds_with(Response(202, job()))
    client.jobs.resend(state="failed", webhook_id="w")
    client.jobs.cancel(source="s")
    client.jobs.send_missed("w", "2026-02-24T00:00:00Z")
    assert [request.path for request in server.requests] == ["/api/v1/jobs"] * 3
    assert [request.json() for request in server.requests] == [
        {"kind": "resend", "state": "failed", "webhook_id": "w"},
        {"kind": "cancel", "source": "s"},
        {"kind": "send_missed", "webhook_id": "w", "since": "2026-02-24T00:00:00Z"},
    ]


def test_issues_are_listed_acknowledged_and_reopened(client, server, Response):
    server.responds_with(Response(200, {"data": [{"cause": "refused"}], "is_complete": True}))
    assert [issue["cause"] for issue in client.issues.list()] == ["refused"]
    server.responds_with(Response(200, {}))
    client.issues.acknowledge("w", "http_status", status_code=503, note="Known")
    client.issues.reopen("w", "refused")
    listed, acknowledged, reopened = server.requests
    assert listed.query == {}
    assert acknowledged.json() == {
        "webhook_id": "w", "cause": "http_status", "status_code": 503, "note": "Known",
    }  # fmt: skip
    assert (reopened.path, reopened.json()) == (
        "/api/v1/issues/reopen",
        {"webhook_id": "w", "cause": "refused"},
    )


def test_statistics_take_a_range_and_a_webhook(client, server, Response):
    server.responds_with(Response(200, {"attempts": 3}))
    assert client.statistics.get(range="7d", webhook_id="w")["attempts"] == 3
    assert server.requests[0].query == {"range": "7d", "webhook_id": "w"}


CONTENT = bytes(range(256)) * 1000


class Written:
    """An object with `write` that notes how much came at a time."""

    def __init__(self):
        self.pieces = []

    def write(self, piece):
        self.pieces.append(piece)


def test_a_file_is_downloaded_to_a_path(client, server, Response, tmp_path):
    server.responds_with(Response(200, CONTENT))
    target = tmp_path / "export.csv"
    assert client.jobs.download("j", target) == len(CONTENT)
    assert server.requests[0].path == "/api/v1/jobs/j/file"
    assert target.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [target]


def test_a_download_replaces_a_file_and_keeps_its_mode(client, server, Response, tmp_path):
    server.responds_with(Response(200, b"new"))
    target = tmp_path / "export.csv"
    target.write_bytes(b"longer than before")
    target.chmod(0o644)
    client.jobs.download("j", str(target))
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"new", 0o644)


def test_a_download_into_an_object_comes_in_pieces(client, server, Response):
    server.responds_with(Response(200, CONTENT))
    target = Written()
    assert client.jobs.download("j", target) == len(CONTENT)
    assert b"".join(target.pieces) == CONTENT
    assert max(map(len, target.pieces)) <= PIECE_BYTES


def test_a_refused_download_leaves_the_file_that_was_there(client, server, problem, tmp_path):
    server.responds_with(problem(409, "conflict", "This job has no file."))
    target = tmp_path / "export.csv"
    target.write_bytes(b"before")
    with pytest.raises(Conflict, match="no file"):
        client.jobs.download("j", target)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [
        ("export.csv", b"before")
    ]


def test_a_download_that_breaks_off_leaves_no_file(client, server, Response, tmp_path):
    # The second chunk has no length.
    chunks = b"5\r\nhello\r\nzz\r\n"
    server.responds_with(Response(200, chunks, {"Transfer-Encoding": "chunked"}))
    with pytest.raises(Unreachable, match="broke off after 5 bytes"):
        client.jobs.download("j", tmp_path / "export.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_download_is_repeated_while_another_one_runs(server, Response, problem):
    server.responds_with(problem(429, "rate_limited"), Response(200, b"content"))
    target = Written()
    with Callboard(server.url, "k", retry_policy=RetryPolicy(initial_delay=0.001)) as client:
        client.jobs.download("j", target)
    assert target.pieces == [b"content"]


@pytest.mark.usefixtures("logged_in")
def test_the_command_starts_a_job_and_waits_for_its_end(server, Response, capsys, monkeypatch):
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0)
    server.responds_with(
        Response(202, job("queued")), Response(200, job()), Response(200, job("completed"))
    )
    assert run(["jobs", "resend", "--state", "failed", "--wait", "--json"]) == 0
    assert server.requests[0].json() == {"kind": "resend", "state": ["failed"]}
    assert json.loads(capsys.readouterr().out)["state"] == "completed"


@pytest.mark.usefixtures("logged_in")
def test_a_job_that_failed_exits_with_1_and_its_problem(server, Response, capsys):
    server.responds_with(Response(200, job("failed", problem="The webhook was deleted.")))
    assert run(["jobs", "show", "j", "--wait"]) == 1
    assert "The webhook was deleted." in capsys.readouterr().err


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["jobs", "stop", "j"], "/api/v1/jobs/j/stop"),
        (["jobs", "show", "j"], "/api/v1/jobs/j"),
        (["jobs", "send-missed", "w", "--since", "2026-02-24T00:00:00Z"], "/api/v1/jobs"),
    ],
)
def test_each_command_asks_for_its_job_and_prints_it(server, Response, capsys, arguments, path):
    server.responds_with(Response(200, job()))
    assert run(arguments) == 0
    assert server.requests[0].path == path
    assert "succeeded" in capsys.readouterr().out


@pytest.mark.usefixtures("logged_in")
def test_the_list_is_a_table(server, Response, capsys):
    server.responds_with(Response(200, {"data": [job()], "next_cursor": None}))
    assert run(["jobs", "list"]) == 0
    assert "STARTED BY" in capsys.readouterr().out


@pytest.mark.usefixtures("logged_in")
def test_a_job_without_filters_is_wrong_usage(server, capsys):
    assert run(["jobs", "cancel"]) == 2
    assert server.requests == []
    assert "at least one filter" in capsys.readouterr().err
