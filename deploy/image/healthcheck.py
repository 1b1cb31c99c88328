"""Exit code 0 if the Callboard processes of this container are healthy, 1 with a reason if not.

Web: /healthz answers 200. Worker: its process exists and is neither stopped nor a zombie. Looks at
the container's own processes, so that one check serves every role.
"""

import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

STOPPED = frozenset("TtZX")


def main(proc: Path = Path("/proc")) -> int:
    processes = list(_processes(proc))
    web = [command for command, _ in processes if "gunicorn" in command]
    workers = [state for command, state in processes if "worker.py" in command]
    if not web and not workers:
        return _fail("Neither a web process nor a worker is running.")
    if workers and all(state in STOPPED for state in workers):
        return _fail("The worker is stopped.")
    return _check_web() if web else 0


def _processes(proc: Path) -> Iterator[tuple[str, str]]:
    """(command line, state letter) of each process."""
    for directory in proc.glob("[0-9]*"):
        try:
            command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            # The name in brackets may hold anything; the state follows the last bracket.
            state = (directory / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue  # It ended meanwhile.
        yield command, state


def _check_web() -> int:
    host = os.environ.get("HOST", "127.0.0.1")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 -- compared
    url = f"http://{host}:{os.environ.get('PORT', '8000')}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=4) as response:
            response.read()
    except OSError as error:
        return _fail(f"{url}: {error}")
    return 0


def _fail(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
