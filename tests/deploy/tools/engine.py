"""The image, built and run by a real engine (buildah, podman and runc from Debian's packages).

No registry is asked: the base image that deploy/Dockerfile names is made with debootstrap. What
stays behind is one directory, which is removed.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.tools.programs import ROOT, program

BASE, IMAGE, DATA = "docker.io/library/debian:trixie-slim", "localhost/callboard", "localhost/data"
# Stands in for the images of PostgreSQL and Redis that compose.yaml names.
DATA_FILE = f"""FROM {BASE}
RUN apt-get update && apt-get install -y --no-install-recommends postgresql redis-server
"""
# As compose.yaml and the chart start our containers; the limits are what this machine may grant.
HARDENED = (
    "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges",
)  # fmt: skip
LIMITS = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")
HOST = "--network=host"


class Engine:
    """directory: where it keeps images and containers."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._storage = [
            "--root", str(directory / "storage"), "--runroot", str(directory / "run"),
            "--storage-driver", "vfs",
        ]  # fmt: skip

    def make_base(self, tag: str, release: str, packages: str = "") -> None:
        """packages: those besides the smallest Debian, separated by commas."""
        root = self.directory / "root"
        include = [f"--include={packages}"] if packages else []
        run([program("debootstrap"), "--variant=minbase", *include, release, str(root)], 1800)
        self.build(tag, "FROM scratch\nCOPY root /\n", self.directory)
        shutil.rmtree(root)

    def build(self, tag: str, dockerfile: str, context: Path) -> None:
        """With the package index and the certificate authorities that this machine uses."""
        trust = self.directory / "trust"
        trust.mkdir(exist_ok=True)
        shutil.copyfile("/etc/ssl/certs/ca-certificates.crt", trust / "ca.crt")
        (trust / "pip.conf").write_text("[global]\ncert = /run/trust/ca.crt\n")
        file = self.directory / "Dockerfile"
        file.write_text(dockerfile)
        mounts = [f"--volume={trust}:/run/trust:ro",
                  f"--volume={trust / 'pip.conf'}:/etc/pip.conf:ro"]  # fmt: skip
        options = ["--isolation=chroot", "--network=host", "--format=docker", "--pull=never"]
        command = [program("buildah"), *self._storage, "build", *options, *mounts]
        run([*command, f"--file={file}", f"--tag={tag}", str(context)], 1800)

    def podman(self, *arguments: str, seconds: float = 120) -> str:
        runtime = ["--cgroup-manager=cgroupfs", f"--runtime={program('runc')}"]
        return run([program("podman"), *self._storage, *runtime, *arguments], seconds)

    @contextmanager
    def container(self, image: str, options: Sequence[str], *command: str) -> Iterator[str]:
        """The id of a container that runs until the end of the block."""
        started = self.podman("run", "--detach", *LIMITS, *options, image, *command)
        identity = started.split()[-1]
        try:
            yield identity
        finally:
            self.podman("rm", "--force", "--volumes", "--time=20", identity)

    def inside(self, container: str, *command: str) -> int:
        """The exit code of a command in a container."""
        try:
            self.podman("exec", container, *command)
        except subprocess.CalledProcessError as error:
            return error.returncode
        return 0


def run(command: Sequence[str], seconds: float) -> str:
    """Its output. CommandFailed, a CalledProcessError, says what it printed last."""
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode:
        raise CommandFailed(done.returncode, command, done.stdout, done.stderr)
    return done.stdout


class CommandFailed(subprocess.CalledProcessError):
    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.stdout[-2000:]}\n{self.stderr[-4000:]}"


@contextmanager
def temporary_engine() -> Iterator[Engine]:
    # Not on /tmp where that is memory: an image of vfs layers takes a few gigabytes.
    with tempfile.TemporaryDirectory(prefix="callboard-engine-", dir="/var/tmp") as directory:
        yield Engine(Path(directory))
