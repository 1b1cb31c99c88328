"""Which process a worker is, so that on the same machine its death is known at once."""

import os
import socket
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


def own_name() -> str:
    """`host place pid start`: place is the boot and the process namespace, within which a process
    id with its time of start means one process."""
    return f"{socket.gethostname()} {_place()} {os.getpid()} {_started(os.getpid()) or 0}"


def is_known_dead(name: str) -> bool:
    """Whether the process is surely gone; False also when it is out of sight, on another machine
    or in another container."""
    parts = name.split(" ")
    if len(parts) != 4 or parts[0] != socket.gethostname() or parts[1] != _place():
        return False
    if not _place() or not parts[2].isdigit() or parts[3] == "0":
        return False
    return str(_started(int(parts[2]))) != parts[3]


@cache
def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _started(pid: int) -> int | None:
    """In ticks since the boot; None: there is no such process, or it is a zombie."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])
