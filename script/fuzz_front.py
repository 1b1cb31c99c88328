"""Send odd requests to a web process with gunicorn's threads and to one with the front.

The promise: both give the same responses and accept the same events, apart from what
`tests.support.servers.two_servers.difference` names.
"""

import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.support.databases import SqliteTemplate
from tests.support.odd_requests import OddRequests
from tests.support.servers import redis as redis_server
from tests.support.servers.two_servers import CREDENTIALS, both, difference, exchange


def main(minutes: float, seed: int) -> int:
    """The exit code: 1 if there was a difference."""
    odd, number, wrong = OddRequests(seed, CREDENTIALS), 0, 0
    with tempfile.TemporaryDirectory() as name, redis_server.running() as redis_url:
        directory = Path(name)
        (directory / "template").mkdir()
        template = SqliteTemplate(directory / "template")
        with both(directory, template, redis_url) as (old, new):
            until = time.monotonic() + minutes * 60
            while time.monotonic() < until:
                data = odd.next()
                was, now = exchange(old, data), exchange(new, data)
                number += 1
                unlike = difference(was, now)
                if unlike is not None:
                    wrong += 1
                    print(f"#{number}: {unlike}\n  {data[:600]!r}\n", flush=True)
    print(f"seed {seed}: {number} connections, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    chosen = int(arguments[1]) if len(arguments) > 1 else secrets.randbelow(1 << 32)
    sys.exit(main(float(arguments[0]) if arguments else 1.0, chosen))
