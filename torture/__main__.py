"""Run Callboard under faults and check what became of its events: `script/torture --help`."""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers.postgres import PostgresServer
from torture import report
from torture.checker import check
from torture.faults import Target, faults_of
from torture.figures import figures
from torture.history import History, read
from torture.producers import Producer
from torture.receiver import Receiver
from torture.rows import Snapshot
from torture.servers import ROOT, Installation, Redis
from torture.snapshot import Database

PRODUCERS = 4
# The first release. An upgrade from it is part of each run.
FIRST_RELEASE = "94c1d3b"
# Shares of the run: with the first release, and with a worker of it beside the new one.
OLD_SHARE, BOTH_SHARE = 0.1, 0.1
# In a run of this length each fault lasts as long as it says.
FULL_SECONDS = 240.0
IDLE_SECONDS = 240.0
_RETRIES = {"kind": "fixed", "interval_seconds": 1, "max_attempts": 50}
WEBHOOKS = {
    "all": {},
    "slow": {"event_types": ["torture.a"]},
    "flaky": {"event_types": ["torture.b"]},
    "ordered": {"event_types": ["torture.ordered"], "ordered": True},
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/torture", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="of each run (300)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, default=None, help="of the choice of faults")
    parser.add_argument("--old", type=Path, help="a checkout of the release to upgrade from")
    parser.add_argument("--keep", type=Path, help="keep histories and logs in this directory")
    parser.add_argument("--report", type=Path, help="write the figures into this document")
    options = parser.parse_args()
    kinds = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    is_broken = False
    for kind in kinds:
        result = run(kind, options)
        is_broken = is_broken or bool(result.violations)
        if options.report is not None:
            report.write(options.report, result)
    return 1 if is_broken else 0


def run(kind: str, options: argparse.Namespace) -> report.Result:
    seed = options.seed if options.seed is not None else time.time_ns() % 1_000_000
    random.seed(seed)
    directory = Path(tempfile.mkdtemp(prefix="cb-torture-"))
    say(f"{kind}, {options.seconds:g} s, seed {seed}, in {directory}")
    with _small_disk(directory) as disk:
        result = _tortured(kind, options, seed, directory, disk)
    shutil.rmtree(directory, ignore_errors=True)
    return result


def _tortured(
    kind: str, options: argparse.Namespace, seed: int, directory: Path, disk: Path | None
) -> report.Result:
    postgres = PostgresServer(disk) if kind == "postgresql" else None
    redis, history = Redis(directory), History(directory / "history.ndjson")
    receiver = Receiver(history)
    own = disk if disk is not None and postgres is None else directory
    installation = Installation(own, postgres and postgres.url, redis.url)
    installation.log = directory / "log"
    try:
        if postgres is not None:
            postgres.start()
        redis.start()
        scale = min(1.0, options.seconds / FULL_SECONDS)
        target = Target(installation, redis, postgres, disk, scale)
        _run(target, options, history, receiver)
        say("waiting until everything is delivered")
        database = Database(installation.data_dir / "callboard.db", postgres and postgres.url)
        _wait_until_idle(database)
        snapshot = database.snapshot()
        installation.stop()
    finally:
        history.close()
        receiver.close()
        redis.close()
        if postgres is not None:
            postgres.close()
    result = _judge(kind, options.seconds, seed, history.path, snapshot)
    if options.keep is not None:
        shutil.copytree(directory, options.keep / kind, ignore=shutil.ignore_patterns("disk"))
    return result


def _judge(
    kind: str, seconds: float, seed: int, history: Path, snapshot: Snapshot
) -> report.Result:
    violations = check(read(history), snapshot)
    for text in violations[:20]:
        say(f"VIOLATION {text}")
    result = report.Result(kind, seconds, seed, figures(read(history)), violations)
    for line in report.lines(result):
        say(line)
    return result


def _run(target: Target, options: argparse.Namespace, history: History, receiver: Receiver) -> None:
    installation = target.installation
    old = options.old
    installation.start(old or ROOT)
    organization_id = installation.post("/api/v1/organizations", {"name": "Torture"})["id"]
    for name, settings in WEBHOOKS.items():
        document = {"url": f"{receiver.url}/{name}", "retry_policy": _RETRIES, **settings}
        webhook = installation.post("/api/v1/webhooks", document, organization_id)["id"]
        receiver.webhooks[name] = webhook
        history.add(
            "webhook",
            webhook=webhook,
            types=settings.get("event_types"),
            ordered=settings.get("ordered", False),
        )
    producers = [
        Producer(f"p{number}", installation.url, organization_id, history)
        for number in range(PRODUCERS)
    ]
    for producer in producers:
        producer.start()
    if old is not None:
        time.sleep(options.seconds * OLD_SHARE)
        began = time.monotonic()
        say("upgrade from the first release")
        installation.replace()
        installation.start_old_worker(old)
        time.sleep(options.seconds * BOTH_SHARE)
        installation.end_old_workers()
        history.add("fault", name="upgrade", began=began)
    _inject(target, history, time.monotonic() + options.seconds)
    for producer in producers:
        producer.stop()
    for producer in producers:
        producer.join(60)


def _inject(target: Target, history: History, until: float) -> None:
    """Each fault once, then any of them."""
    faults = faults_of(target)
    waiting: list[str] = []
    while time.monotonic() < until:
        if not waiting:
            waiting = random.sample(sorted(faults), len(faults))
        name, began = waiting.pop(), time.monotonic()
        say(name)
        faults[name]()
        history.add("fault", name=name, began=began)
        target.wait(random.uniform(1.0, 5.0))


def _wait_until_idle(database: Database) -> None:
    deadline = time.monotonic() + IDLE_SECONDS
    while not database.is_idle() and time.monotonic() < deadline:
        time.sleep(0.5)


@contextmanager
def _small_disk(directory: Path) -> Iterator[Path | None]:
    """A file system below `directory` for the database, to be filled, until the end of the block.
    None where mounting is not allowed."""
    # PostgreSQL runs as another user.
    directory.chmod(0o755)
    disk = directory / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256m", "callboard-torture", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        say("no small disk: mounting is not allowed")
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
