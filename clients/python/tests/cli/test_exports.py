"""`callboard jobs export` and `download`: the file, and what the command says about its job."""

import json

import pytest

from callboard.cli.deliveries import jobs
from callboard.cli.main import run

CONTENT = bytes(range(256)) * 1000


def job(state="running", **more):
    return {
        "id": "j", "kind": "export_ndjson", "state": state, "filter": {}, "count": 2, "total": 5,
        "problem": None, "started_by": "ada", "created_at": "t", "started_at": None,
        "ended_at": None, "deliveries": {}, "seconds_left": None, **more,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def logged_in(server, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")


def test_the_command_starts_an_export(server, Response, capsys):
    server.responds_with(Response(202, job("queued", kind="export_csv")))
    assert run(["jobs", "export", "--format", "csv", "--state", "failed", "--json"]) == 0
    (request,) = server.requests
    assert request.json() == {"kind": "export_csv", "state": ["failed"]}
    assert json.loads(capsys.readouterr().out)["state"] == "queued"


def test_the_command_exports_everything_to_a_file(server, Response, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0)
    started, ended = (job(state, kind="export_ndjson") for state in ("queued", "completed"))
    server.responds_with(Response(202, started), Response(200, ended), Response(200, b"{}\n"))
    target = tmp_path / "all.ndjson"
    assert run(["jobs", "export", "--output", str(target)]) == 0
    assert target.read_bytes() == b"{}\n"
    assert server.requests[0].json() == {"kind": "export_ndjson"}


def test_a_file_and_json_do_not_go_together(server, capsys):
    assert run(["jobs", "export", "--output", "-", "--json"]) == 2
    assert "give one of them" in capsys.readouterr().err
    assert server.requests == []


def test_the_command_waits_for_an_export_and_saves_its_file(
    server, Response, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0)
    server.responds_with(
        Response(200, job()), Response(200, job("completed")), Response(200, CONTENT)
    )
    target = tmp_path / "export.csv"
    assert run(["jobs", "download", "j", str(target), "--wait"]) == 0
    assert target.read_bytes() == CONTENT
    assert f"{len(CONTENT)} bytes" in capsys.readouterr().err


def test_the_command_prints_a_file_as_it_is(server, Response, capfdbinary):
    server.responds_with(Response(200, job("completed")), Response(200, CONTENT))
    assert run(["jobs", "download", "j"]) == 0
    assert capfdbinary.readouterr().out == CONTENT


INCOMPLETE = job("completed", problem="The file has the first 1,000.")


@pytest.mark.parametrize(
    "responses",
    [(INCOMPLETE, CONTENT), (job(), CONTENT, INCOMPLETE)],
    ids=["ended before", "ended meanwhile"],
)
def test_a_download_says_that_the_export_has_not_all(server, Response, tmp_path, capsys, responses):
    server.responds_with(*(Response(200, each) for each in responses))
    target = tmp_path / "export.csv"
    assert run(["jobs", "download", "j", str(target)]) == 1
    assert target.read_bytes() == CONTENT
    assert "The file has the first 1,000." in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--wait"]])
def test_the_command_downloads_nothing_of_a_job_that_failed(
    server, Response, tmp_path, capsys, options
):
    server.responds_with(Response(200, job("failed", problem="Too large.")))
    assert run(["jobs", "download", "j", str(tmp_path / "file"), *options]) == 1
    assert "Too large." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["export", "download"])
def test_an_export_without_all_rows_is_downloaded_and_exits_with_1(
    server, Response, tmp_path, capsys, command
):
    full = job("completed", problem="It has the first rows.")
    server.responds_with(Response(200, full), Response(200, b"{}\n"))
    target = tmp_path / "some.ndjson"
    options = {"export": ["--output", str(target)], "download": ["j", str(target), "--wait"]}
    assert run(["jobs", command, *options[command]]) == 1
    assert target.read_bytes() == b"{}\n"
    assert "Error: It has the first rows." in capsys.readouterr().err


def test_the_export_names_its_job_before_it_waits(server, Response, tmp_path, capsys):
    server.responds_with(Response(202, job("failed", problem="Too large.")))
    assert run(["jobs", "export", "--output", str(tmp_path / "all")]) == 1
    assert "Job j. If this ends early: callboard jobs download j" in capsys.readouterr().err


def test_no_export_is_started_for_a_file_that_cannot_be_written(server, tmp_path, capsys):
    assert run(["jobs", "export", "--output", str(tmp_path / "missing" / "file")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
    assert server.requests == []


def test_checking_a_file_leaves_it_as_it_was(server, problem, tmp_path):
    server.responds_with(problem(409, "conflict", "2 exports are open."))
    target = tmp_path / "file"
    target.write_bytes(b"before")
    assert run(["jobs", "export", "--output", str(target)]) == 1
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"before")]
