"""The program of a sandbox process: run tasks on untrusted input, one after the other.

Arguments: bytes of memory, seconds of CPU per step of a task, the directory of `app`, and the
module of the tasks. Stdin is a socket. A request is a frame: four bytes of length, then MessagePack
of the task's name and arguments. Each step of the task sends a frame; an empty frame ends the task,
and the very first one says that the process is ready. A step that exceeds its CPU limit ends the
process by a signal; one that exceeds the memory limit, by EXIT_MEMORY.
"""

import gc
import importlib
import os
import resource
import signal
import socket
import sys
from types import ModuleType

import msgspec

EXIT_MEMORY = 77


def main() -> None:
    memory, cpu = int(sys.argv[1]), float(sys.argv[2])
    sys.path.append(sys.argv[3])
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # Ctrl-C is for the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(2_000)
    tasks = importlib.import_module(sys.argv[4])
    # Imports stay in memory; the little that a task leaves is collected between tasks.
    gc.disable()
    with socket.socket(fileno=0) as connection:
        try:
            _serve(connection, cpu, tasks)
        except MemoryError:
            os._exit(EXIT_MEMORY)


def _serve(connection: socket.socket, cpu: float, tasks: ModuleType) -> None:
    connection.sendall(bytes(4))
    while True:
        head = _read(connection, 4)
        if not head:
            return
        name, *arguments = msgspec.msgpack.decode(_read(connection, int.from_bytes(head)))
        steps = getattr(tasks, name)(*arguments)
        while True:
            # SIGPROF ends this process, even in the middle of a call into C.
            signal.setitimer(signal.ITIMER_PROF, cpu)
            result = next(steps, b"")
            signal.setitimer(signal.ITIMER_PROF, 0)
            connection.sendall(len(result).to_bytes(4) + result)
            if not result:
                break
        del arguments, steps
        gc.collect()


def _read(connection: socket.socket, size: int) -> bytes:
    """Empty if the other side has closed the connection."""
    parts: list[bytes] = []
    while size > 0:
        part = connection.recv(min(size, 1 << 20))
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    main()
