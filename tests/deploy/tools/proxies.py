"""nginx and Caddy with the files of deploy/, changed only in ports, certificate and upstream."""

import getpass
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.tools.programs import DEPLOY, program, running
from tests.support.certificates import Authority
from tests.support.servers.ports import free_port

NGINX = """daemon off; user {user}; pid {directory}/nginx.pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/callboard.conf;
}}
"""


@contextmanager
def proxy(kind: str, upstream: str, directory: Path) -> Iterator[str]:
    """The https:// URL of a proxy in front of `upstream` (address:port)."""
    start = {"nginx": _nginx, "caddy": _caddy}[kind]
    with start(upstream, directory) as url:
        yield url


def nginx_files(upstream: str, directory: Path, port: int) -> Path:
    """Write the configuration that includes ours; its path."""
    Authority(directory).context("localhost")
    certificate = next(directory.glob("localhost*.pem"))
    text = (DEPLOY / "nginx/callboard.conf").read_text()
    changes = (
        (r"listen \[::\].*\n", "\n"),
        (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
        (r"listen 443 ", f"listen 127.0.0.1:{port} "),
        (r"server 127\.0\.0\.1:8000;", f"server {upstream};"),
        (r"hooks\.example\.com", "localhost"),
        (r"/etc/nginx/tls/callboard\.\w+", str(certificate)),
    )
    for pattern, replacement in changes:
        text, count = re.subn(pattern, replacement, text)
        assert count, f"{pattern} is not in deploy/nginx/callboard.conf"
    (directory / "callboard.conf").write_text(text)
    main = directory / "nginx.conf"
    # Its workers read and write in the test's own directory.
    main.write_text(NGINX.format(directory=directory, user=getpass.getuser()))
    return main


@contextmanager
def _nginx(upstream: str, directory: Path) -> Iterator[str]:
    port = free_port()
    main = nginx_files(upstream, directory, port)
    command = [program("nginx"), "-p", str(directory), "-c", str(main), "-e", "stderr"]
    url = f"https://localhost:{port}"
    with running(command, {"PATH": "/usr/bin:/bin"}, directory, url):
        yield url


def request_buffers(caddy: str) -> dict[str, str]:
    """What the head of deploy/caddy/Caddyfile says about versions before 2.7."""
    version = subprocess.run([caddy, "version"], capture_output=True, text=True, check=True).stdout
    numbers = re.search(r"(\d+)\.(\d+)", version)
    # One that was built from its module says "unknown".
    is_old = numbers is not None and (int(numbers[1]), int(numbers[2])) < (2, 7)
    return {"CALLBOARD_REQUEST_BUFFERS": "buffer_requests"} if is_old else {}


@contextmanager
def _caddy(upstream: str, directory: Path) -> Iterator[str]:
    caddy = program("caddy")
    url = f"https://localhost:{free_port()}"
    # Its own authority, which is not to become this machine's, and no port 80.
    text = (DEPLOY / "caddy/Caddyfile").read_text()
    assert "\tadmin off\n" in text
    extra = "\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n"
    file = directory / "Caddyfile"
    file.write_text(text.replace("\tadmin off\n", extra))
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(directory),
        "CALLBOARD_HOST": url,
        "CALLBOARD_UPSTREAM": upstream,
        **request_buffers(caddy),
    }
    command = [caddy, "run", "--adapter", "caddyfile", "--config", str(file)]
    with running(command, environ, directory, url):
        yield url
