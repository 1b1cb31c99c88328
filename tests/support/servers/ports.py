"""Ports for servers that are told which one to use."""

import random
import socket
from pathlib import Path

_LOWEST = 10_000
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """Until the server has it, nobody else is given it: the kernel picks those of connections, and
    of servers that leave the choice to it, from another range."""
    while True:
        port = random.SystemRandom().randrange(_LOWEST, _first_of_the_kernel())
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
        return port


def _first_of_the_kernel() -> int:
    first = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    return first if first > _LOWEST + 1000 else 32_768
