"""The look-up of locked packages in published advisories."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from script.audit import main

Reply = Callable[[list[dict[str, object]]], tuple[int, bytes]]


@pytest.fixture
def lock(tmp_path: Path) -> str:
    path = tmp_path / "requirements.txt"
    path.write_text("flask==3.1.3 \\\n    --hash=sha256:00\n    # via x\nredis==8.1.0 ; a\n")
    return str(path)


@pytest.fixture
def serve() -> Iterator[Callable[[Reply], str]]:
    """Serve advisories, and return the address."""
    servers: list[HTTPServer] = []

    def start(reply: Reply) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, content = reply(json.loads(body)["queries"])
                self.send_response(status)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_without_advisories_it_succeeds(
    serve: Callable[[Reply], str], lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = serve(lambda queries: (200, json.dumps({"results": [{} for _ in queries]}).encode()))
    assert main(["--url", url, lock]) == 0
    assert capsys.readouterr().out == "2 packages, 0 with advisories.\n"


def test_advisories_are_listed_by_package(
    serve: Callable[[Reply], str], lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(queries: list[dict[str, object]]) -> tuple[int, bytes]:
        results = [
            {"vulns": [{"id": "PYSEC-1"}]} if query["version"] == "3.1.3" else {}
            for query in queries
        ]
        return 200, json.dumps({"results": results}).encode()

    assert main(["--url", serve(reply), lock]) == 1
    assert "flask 3.1.3: PYSEC-1\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "response",
    [(500, b""), (200, b"<html>"), (200, b"{}"), (200, b'{"results": []}'), (200, b"[]")],
)
def test_advisories_that_cannot_be_read_are_no_success(
    serve: Callable[[Reply], str], lock: str, response: tuple[int, bytes]
) -> None:
    assert main(["--url", serve(lambda _: response), lock]) == 3


def test_advisories_that_cannot_be_reached_are_no_success(
    lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--url", "http://127.0.0.1:9/", lock]) == 3
    assert capsys.readouterr().err.startswith("The advisories cannot be reached: ")
