"""`callboard jobs export` and `download`: the file, and what the command says about its job."""

import pytest

from callboard.cli.main import run

pytestmark = pytest.mark.usefixtures("logged_in")


@pytest.fixture
def logged_in(server, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")


def job(state, problem):
    return {"id": "j", "state": state, "problem": problem, "count": 2, "total": 5}


@pytest.mark.parametrize("command", ["export", "download"])
def test_an_export_without_all_rows_is_downloaded_and_exits_with_1(
    server, Response, tmp_path, capsys, command
):
    full = job("completed", "It has the first rows.")
    server.responds_with(Response(200, full), Response(200, b"{}\n"))
    target = tmp_path / "some.ndjson"
    options = {"export": ["--output", str(target)], "download": ["j", str(target), "--wait"]}
    assert run(["jobs", command, *options[command]]) == 1
    assert target.read_bytes() == b"{}\n"
    assert "Error: It has the first rows." in capsys.readouterr().err


def test_the_export_names_its_job_before_it_waits(server, Response, tmp_path, capsys):
    server.responds_with(Response(202, job("failed", "Too large.")))
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
