"""The image: built from deploy/Dockerfile, then run as compose and the chart run it."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.deploy.tools.engine import (
    BASE,
    DATA,
    DATA_FILE,
    HARDENED,
    HOST,
    IMAGE,
    LIMITS,
    Engine,
    run,
    temporary_engine,
)
from tests.deploy.tools.figures import figure, not_run
from tests.deploy.tools.programs import DEPLOY, PLATFORM_KEY, ROOT, is_ready
from tests.support.databases import SECRET_KEY
from tests.support.servers.ports import free_port
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(3000)
ENTRYPOINT = "/opt/callboard/deploy/image/entrypoint.sh"
POSTGRES = (
    "/usr/lib/postgresql/*/bin/initdb -A trust -E UTF8 --locale=C.UTF-8 -U callboard"
    " -D /tmp/pg >/dev/null"
    " && exec /usr/lib/postgresql/*/bin/postgres -D /tmp/pg -k /tmp -h 127.0.0.1 -p {port}"
)
REDIS = (
    "printf 'bind 127.0.0.1\\nport {port}\\nrequirepass secret\\nsave \"\"\\n'"
    " | exec redis-server -"
)


@dataclass
class Stack:
    """Four containers on this machine's loopback. web, worker: their ids."""

    url: str
    web: str
    worker: str


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    if os.geteuid() != 0:
        not_run("Image", "building and running it needs root here")
        pytest.skip("needs root")
    with temporary_engine() as engine:
        engine.make_base(BASE, "trixie")
        before = time.monotonic()
        engine.build(IMAGE, (DEPLOY / "Dockerfile").read_text(), ROOT)
        figure("Image", "build, from an empty cache", f"{time.monotonic() - before:.0f} s")
        size = int(engine.podman("image", "inspect", "--format={{.Size}}", IMAGE))
        figure("Image", "size", f"{size / 1e6:.0f} MB")
        figure("Image", "architecture that was built", platform.machine())
        not_run("Image", "other architectures: no emulator")
        engine.build(DATA, DATA_FILE, engine.directory / "trust")
        yield engine


@pytest.fixture(scope="module")
def collector() -> Iterator[Receiver]:
    """What stands in for an OpenTelemetry collector."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def stack(engine: Engine, collector: Receiver) -> Iterator[Stack]:
    """PostgreSQL, Redis with a password, migrate, web and worker, as in compose.yaml."""
    database, redis, port = free_port(), free_port(), free_port()
    settings = {
        "DATABASE_URL": f"postgresql://callboard@127.0.0.1:{database}/postgres",
        "REDIS_URL": f"redis://:secret@127.0.0.1:{redis}/0",
        "SECRET_KEY": SECRET_KEY,
        "PLATFORM_API_KEY": PLATFORM_KEY,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_WORKERS": "2",
        # The receiver of this test is on loopback.
        "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }
    ours = [HOST, *HARDENED, *(f"--env={name}={value}" for name, value in settings.items())]
    shell = ("sh", "-c")
    with ExitStack() as containers:

        def start(image: str, options: list[str], *command: str) -> str:
            return containers.enter_context(engine.container(image, options, *command))

        start(DATA, [HOST, "--user=postgres"], *shell, POSTGRES.format(port=database))
        start(DATA, [HOST, "--user=redis"], *shell, REDIS.format(port=redis))
        eventually(lambda: _migrates(engine, ours), 180, every=1)
        before = time.monotonic()
        web, worker = start(IMAGE, ours, "web"), start(IMAGE, ours, "worker")
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: is_ready(url), 180)
        figure("Image", "web and worker ready after start", f"{time.monotonic() - before:.1f} s")
        yield Stack(url, web, worker)


def _migrates(engine: Engine, options: list[str]) -> bool:
    """False while the database does not answer."""
    try:
        engine.podman("run", "--rm", *LIMITS, *options, IMAGE, "migrate")
    except subprocess.CalledProcessError as error:
        if "database" not in error.stderr:
            raise
        return False
    return True


def test_the_image_delivers_an_event(stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {PLATFORM_KEY}"}

    def post(path: str, json: object) -> dict[str, str]:
        url = f"{stack.url}/api/v1{path}"
        response = requests.post(url, json=json, headers=headers, timeout=30)
        assert response.status_code < 300, response.text
        document: dict[str, str] = response.json()
        return document

    receiver = Receiver()
    try:
        headers["Callboard-Organization"] = post("/organizations", {"name": "A"})["id"]
        post("/webhooks", {"url": receiver.url})
        before = time.monotonic()
        post("/events", {"type": "encoding.finished", "payload": {"n": 1}})
        eventually(lambda: len(receiver.requests) == 1, 20)
        figure("Image", "event to receiver", f"{(time.monotonic() - before) * 1000:.0f} ms")
    finally:
        receiver.close()


def test_the_image_has_what_traces_need(stack: Stack, collector: Receiver) -> None:
    """OTEL_EXPORTER_OTLP_ENDPOINT is enough: the packages are in every image."""
    headers = {"Authorization": f"Bearer {PLATFORM_KEY}"}
    assert requests.get(f"{stack.url}/api/v1/organizations", headers=headers, timeout=30).ok
    eventually(lambda: "/v1/traces" in {request.path for request in collector.requests}, 60)


def test_processes_are_not_root_and_the_image_is_read_only(engine: Engine, stack: Stack) -> None:
    for container in (stack.web, stack.worker):
        assert engine.podman("exec", container, "id", "-u").strip() == "10001"
        assert engine.inside(container, "touch", "/opt/callboard/a") != 0
        assert engine.inside(container, "touch", "/etc/a") != 0
        assert engine.podman("exec", container, "grep", "CapEff", "/proc/1/status").split()[1] == (
            "0" * 16
        )
        assert engine.inside(container, ENTRYPOINT, "healthcheck") == 0


def test_the_labels_describe_the_image(engine: Engine) -> None:
    text = engine.podman("image", "inspect", "--format={{json .Labels}}", IMAGE)
    for label in ("title", "version", "revision", "licenses"):
        assert f"org.opencontainers.image.{label}" in text


def test_the_all_command_needs_only_a_volume(engine: Engine) -> None:
    port = free_port()
    options = [HOST, *HARDENED, "--env=HOST=127.0.0.1", f"--env=PORT={port}"]
    with engine.container(IMAGE, options, "all") as container:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: is_ready(url), 180)
        assert engine.inside(container, ENTRYPOINT, "healthcheck") == 0
        before = time.monotonic()
        engine.podman("stop", "--time=30", container)
        seconds = time.monotonic() - before
        figure("Image", "`all` stops within", f"{seconds:.1f} s")
        assert seconds < 20
        log = engine.podman("logs", container)
    assert "Stopped." in log


def test_the_image_contains_only_the_product(engine: Engine) -> None:
    listing = engine.podman(
        "run", "--rm", *LIMITS, "--network=none", IMAGE, "ls", "-A", "/opt/callboard"
    )
    assert not {"data", "tests", "docs", ".git", ".ci"} & set(listing.split())


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_package_has_a_wheel(tmp_path: Path, machine: str) -> None:
    """For the Python of the image's Debian: nothing has to be compiled."""
    platforms = [f"--platform={kind}_{machine}" for kind in ("manylinux2014", "manylinux_2_28")]
    run(
        [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed",
         "--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version=3.13",
         *platforms, f"--target={tmp_path}", "--requirement=requirements.txt"], 600,
    )  # fmt: skip
