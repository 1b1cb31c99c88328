"""The units under a real systemd, which runs in a container of Debian 12."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.tools.engine import Engine, run, temporary_engine
from tests.deploy.tools.figures import figure, not_run
from tests.deploy.tools.programs import ROOT
from tests.documents import collected
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(3000)
SYSTEMD, IMAGE = "localhost/debian-systemd", "localhost/callboard-systemd"
PACKAGES = "systemd,dbus,ca-certificates,python3,python3-venv,redis-server,curl"


def _documented(*beginnings: str) -> str:
    """Commands of docs/deploying.md, one after the other."""
    typed = collected.commands("docs/deploying.md")
    chosen = [each.partition("#")[0].strip() for each in typed if each.startswith(beginnings)]
    assert len(chosen) >= len(beginnings)
    return " && ".join(chosen)


DOCUMENTED = _documented("python3 script/prepare.py", "cp deploy/systemd/", "install -D")
# The limit of files is what the machine of the test may grant.
INSTALL = f"""FROM {SYSTEMD}
WORKDIR /opt/callboard
COPY . .
# No systemd runs here yet.
RUN export SYSTEMD_OFFLINE=1 && {DOCUMENTED} \\
    && systemctl disable redis-server \\
    && cd /etc/systemd/system \\
    && sed -i 's/^LimitNOFILE=.*/LimitNOFILE=4096/' callboard*.service
"""
ALL_IN_ONE = _documented("systemctl enable --now callboard.service")
LOG = _documented("journalctl -u callboard")
ADDRESS = "http://localhost:8000"
SEPARATE = f"""
systemd-run --quiet --unit=own-redis redis-server --port 6379
cat >> /etc/callboard/callboard.env <<END
SECRET_KEY=abcdefghijklmnopqrstuvwxyz0123456789ABCDEF
REDIS_URL=redis://127.0.0.1:6379/0
WEB_WORKERS=2
END
{_documented("systemctl enable --now callboard-web", "systemctl enable --now callboard-worker")}
"""
RESTARTS = f"""
touch /codes
for i in $(seq 400); do
    curl -s -o /dev/null -w '%{{http_code}}\\n' {ADDRESS}/healthz >> /codes || true
done &
for i in 1 2; do
    until [ $(wc -l < /codes) -gt $((i * 100)) ]; do :; done
    systemctl restart callboard-web
done
wait
sort /codes | uniq -c
"""


@pytest.fixture(scope="module")
def machine() -> Iterator["Machine"]:
    if os.geteuid() != 0:
        not_run("systemd", "booting it in a container needs root here")
        pytest.skip("needs root")
    with temporary_engine() as engine:
        engine.make_base(SYSTEMD, "bookworm", PACKAGES)
        engine.build(IMAGE, INSTALL, _checkout(engine.directory / "checkout"))
        not_run("systemd", "LimitNOFILE=65536 of the units: the container may raise its limit to"
                " 4,096 only")  # fmt: skip
        options = ["--privileged", "--systemd=always", "--network=none"]
        with engine.container(IMAGE, options, "/lib/systemd/systemd") as container:
            machine = Machine(engine, container)
            eventually(lambda: machine.is_ok("systemctl is-active basic.target"), 120)
            yield machine


def _checkout(directory: Path) -> Path:
    """The tracked files, as `git clone` would bring them."""
    for name in run(["git", "ls-files", "-z"], 60).split("\0"):
        # The image's builder would leave out what this file lists.
        if name and name != ".dockerignore" and (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, directory / name)
    return directory


class Machine:
    def __init__(self, engine: Engine, container: str) -> None:
        self._engine, self._container = engine, container

    def sh(self, script: str) -> str:
        return self._engine.podman("exec", self._container, "bash", "-ec", script)

    def is_ok(self, script: str) -> bool:
        try:
            self.sh(script)
        except subprocess.CalledProcessError:
            return False
        return True

    def wait_until_ready(self) -> None:
        eventually(lambda: self.is_ok(f"curl -sf {ADDRESS}/readyz"), 180, every=0.5)


def test_the_all_in_one_unit_runs_hardened(machine: Machine) -> None:
    machine.sh(ALL_IN_ONE)
    machine.wait_until_ready()
    eventually(lambda: "/sign-in/link/" in machine.sh(LOG), 60, every=1)
    machine.sh("systemctl disable --now callboard.service")
    result = machine.sh("systemctl show -p Result callboard.service").strip()
    assert result == "Result=success"
    machine.sh("rm -rf /var/lib/callboard/*")


def test_a_web_restart_drops_no_connection(machine: Machine) -> None:
    machine.sh(SEPARATE)
    machine.wait_until_ready()
    codes = machine.sh(RESTARTS).split()
    answered = int(codes[codes.index("200") - 1])
    figure("systemd", "connections refused or failed over two restarts", f"{400 - answered} of 400")
    assert codes == ["400", "200"]


def test_the_units_run_as_their_own_user(machine: Machine) -> None:
    for unit in ("callboard-web", "callboard-worker@1"):
        pid = machine.sh(f"systemctl show -p MainPID --value {unit}").strip()
        assert machine.sh(f"stat -c %U /proc/{pid}").strip() == "callboard"
