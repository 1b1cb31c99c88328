"""Identify a worker's process, so that its death is noticed at once on the same machine."""

import os
import socket
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


def own_name() -> str:
    """`host namespace pid start`. namespace is the boot id and the PID namespace: within it, a
    process id together with its start time identifies one process."""
    return f"{socket.gethostname()} {_namespace()} {os.getpid()} {_started(os.getpid()) or 0}"


def is_known_dead(name: str) -> bool:
    """Return whether the process is certainly gone. False if it cannot be observed from here,
    because it runs on another machine or in another container."""
    parts = name.split(" ")
    if len(parts) != 4 or parts[0] != socket.gethostname() or parts[1] != _namespace():
        return False
    if not _namespace() or not parts[2].isdigit() or parts[3] == "0":
        return False
    return str(_started(int(parts[2]))) != parts[3]


@cache
def _namespace() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _started(pid: int) -> int | None:
    """Start time in clock ticks since boot; None if there is no such process or it is a zombie."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])
