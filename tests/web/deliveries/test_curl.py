"""What is copied is run by a real shell and a real curl, and must send the same bytes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from app.web.deliveries.curl import MAX_INLINE, command, needs_file
from tests.support.servers.receiver import Received, Receiver

TOOLS = [shutil.which("bash"), shutil.which("curl")]
needs_tools = pytest.mark.skipif(None in TOOLS, reason="bash and curl are not on this machine")
OURS = [
    ("Host", "elsewhere.example.com"),
    ("Content-Length", "9"),
    ("Content-Type", "application/json"),
    ("User-Agent", "Callboard/1"),
    ("Accept", "*/*"),
    ("webhook-signature", "v1,a+b/c= v1,d"),
    ("X-Odd", 'it\'s "$HOME" `id` \\ !'),
    ("X-Latin", "caf\xe9"),
    ("X-Empty", ""),
]


def run(script: str, receiver: Receiver, cwd: Path) -> Received:
    clean = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(cwd)}
    subprocess.run(
        ["bash", "-c", script], cwd=cwd, env=clean, check=True, capture_output=True, timeout=20
    )
    return receiver.wait_for(1)[0]


@needs_tools
@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "it\'s", "b": "$(id) `id` \\\\ !", "c": 1.10}',
        b"@/etc/hostname",
        "ünïcödé \u2028 \u202e\n\ttab\r\n".encode(),
        b"\xff\xfe\x01' 12",
        b"x" * 3000,
        b"a\0b" * 10,
        b"y" * (MAX_INLINE + 1),
    ],
)
def test_the_same_body_arrives(receiver: Receiver, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "saved body").write_bytes(body)
    got = run(command("POST", receiver.url, OURS, body, "saved body"), receiver, tmp_path)
    assert (got.method, got.body) == ("POST", body)
    assert needs_file(body) == (b"\0" in body or len(body) > MAX_INLINE)


@needs_tools
def test_the_same_headers_arrive_and_no_other(receiver: Receiver, tmp_path: Path) -> None:
    got = run(command("PUT", receiver.url, OURS, b"{}" * 900, "f"), receiver, tmp_path)
    ours = [pair for pair in OURS if pair[0] not in ("Host", "Content-Length")]
    foreign = [pair for pair in got.headers if pair[0] not in ("Host", "Content-Length")]
    assert sorted(foreign) == sorted(ours)


@needs_tools
def test_nothing_is_added_to_a_bare_request(receiver: Receiver, tmp_path: Path) -> None:
    got = run(command("POST", receiver.url, [], b"{}", "f"), receiver, tmp_path)
    assert {name for name, _ in got.headers} == {"Host", "Content-Length"}


@needs_tools
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "PROPFIND"])
def test_method_and_url_are_unchanged(receiver: Receiver, tmp_path: Path, method: str) -> None:
    path, query = "/a/../b/[1-3]/%2e", "x={a,b}&y='%22%27'&z=$HOME"
    url = receiver.url.rstrip("/") + f"{path}?{query}"
    got = run(command(method, url, [], b"", "f"), receiver, tmp_path)
    assert (got.method, got.path, got.query) == (method, path, query)


def test_curl_uses_http_1_1_as_the_original_request() -> None:
    assert "--http1.1" in command("POST", "https://example.com/", [], b"{}", "f")
