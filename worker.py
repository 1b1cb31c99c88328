"""Run a delivery worker: `python worker.py`.

Start as many as there are cores to spare, on any machine that reaches the database and Redis; stop
one with SIGTERM.
"""

import sys

from app.runtime import garbage
from app.runtime.redis.loading import load_redis


def main() -> int:
    """Run until SIGTERM or SIGINT. Returns the exit status."""
    garbage.pause()
    load_redis()
    from app.factory import create_core
    from app.runtime.configuration.environment import ConfigError
    from app.runtime.logs import setup
    from app.services.maintenance.start import REFUSALS, check_at_start
    from app.worker.loop import work

    setup.configure("worker")
    try:
        # A record that is lost in a power failure means a repeated attempt: commits may be lazy.
        app = create_core(durable=False)
        check_at_start(app)
    except (ConfigError, *REFUSALS) as error:
        setup.fail(str(error))
        return 1
    garbage.resume()
    work(app)
    return 0


if __name__ == "__main__":
    sys.exit(main())
