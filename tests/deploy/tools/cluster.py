"""Callboard on nine hosts: two webs, three workers, PostgreSQL and Redis with a standby each."""

import os
import shutil
import subprocess

import psycopg
import redis
import requests

from bench.checkouts import HERE, Checkout
from tests.deploy.tools.hosts import NETWORK, Host, move
from tests.support.product import PLATFORM_KEY, SETTINGS
from tests.support.servers.postgres import programs
from tests.support.waiting import eventually

WORKERS, WEBS = ("work1", "work2", "work3"), ("web1", "web2")
# Where Redis is, whichever host has it.
REDIS = f"{NETWORK}.100"
PORT = 8000
POSTGRES = {
    "listen_addresses": "*",
    "unix_socket_directories": "",
    # A commit is on both hosts before a producer has its answer.
    "synchronous_commit": "on",
    "wal_sender_timeout": "3s",
    "wal_receiver_timeout": "3s",
}


def start_postgres(primary: Host, standby: Host) -> None:
    for host in (primary, standby):
        shutil.chown(host.directory, "pgserver", "pgserver")
    data = primary.directory / "data"
    primary.run(
        [
            str(programs() / "initdb"),
            "--auth=trust",
            "--encoding=utf8",
            "-U",
            "postgres",
            "-D",
            str(data),
        ],
        user="pgserver",
    )
    with (data / "pg_hba.conf").open("a") as file:
        file.write(f"host all,replication all {NETWORK}.0/24 trust\n")
    _run_postgres(primary, {"synchronous_standby_names": "*"})
    standby_data = str(standby.directory / "data")
    eventually(lambda: _connects(primary), 30)
    source = f"host={primary.address} user=postgres connect_timeout=2"
    standby.run(
        [str(programs() / "pg_basebackup"), "-d", source, "-D", standby_data, "-R", "-c", "fast"],
        user="pgserver",
    )
    _run_postgres(standby, {})
    eventually(lambda: _connects(standby), 30)


def _run_postgres(host: Host, settings: dict[str, str]) -> None:
    options = [part for item in (POSTGRES | settings).items() for part in ("-c", "=".join(item))]
    host.start(
        [str(programs() / "postgres"), "-D", str(host.directory / "data"), *options],
        user="pgserver",
    )


def conninfo(host: Host) -> str:
    return f"host={host.address} user=postgres dbname=postgres connect_timeout=2"


def _connects(host: Host) -> bool:
    try:
        psycopg.connect(conninfo(host)).close()
    except psycopg.OperationalError:
        return False
    return True


def start_redis(primary: Host, standby: Host) -> None:
    move(REDIS, primary, [])
    common = ["redis-server", "--protected-mode", "no", "--save", ""]
    primary.start(common)
    standby.start([*common, "--replicaof", primary.address, "6379"])
    with redis.Redis(standby.address) as client:
        eventually(lambda: _is_linked(client), 30)


def _is_linked(client: "redis.Redis") -> bool:
    try:
        return client.info("replication").get("master_link_status") == "up"
    except redis.RedisError:
        return False


def start_callboard(hosts: dict[str, Host]) -> None:
    for name in WEBS:
        start_web(hosts, name)
        eventually(lambda name=name: is_ready(url_of(hosts[name])), 120)
    for name in WORKERS:
        start(hosts, name, WEB_WORKERS="0", DELIVERY_WORKERS="1")


def start_web(hosts: dict[str, Host], name: str) -> None:
    start(hosts, name, WEB_WORKERS="1", DELIVERY_WORKERS="0")


def start(
    hosts: dict[str, Host],
    name: str,
    *arguments: str,
    release: Checkout = HERE,
    **settings: str,
) -> subprocess.Popen[bytes]:
    """Run Python with `arguments` for a release on a host; without them, its supervisor."""
    host = hosts[name]
    environ = _environ(hosts) | {"DATA_DIR": str(host.directory / "data")} | settings
    command = [str(release.python), *(arguments or ("-m", "app.supervisor"))]
    return host.start(command, environ, cwd=release.root)


def _environ(hosts: dict[str, Host]) -> dict[str, str]:
    base = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    databases = "&".join(f"host={hosts[name].address}:5432" for name in ("db1", "db2"))
    return base | {
        "HOST": "0.0.0.0",
        "PORT": str(PORT),
        "SECRET_KEY": "only-for-the-test-of-hosts-0123456789-abcdefgh",
        "PLATFORM_API_KEY": PLATFORM_KEY,
        "DATABASE_URL": f"postgresql://postgres@/postgres?{databases}"
        "&target_session_attrs=read-write",
        "REDIS_URL": f"redis://{REDIS}:6379/0",
        "ALLOWED_PRIVATE_NETWORKS": f"{NETWORK}.1/32",
    }


def url_of(host: Host) -> str:
    return f"http://{host.address}:{PORT}"


def is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=3).status_code == 200
    except requests.RequestException:
        return False
