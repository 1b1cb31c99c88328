"""Run the supervisor: `python -m app.supervisor`, as `script/server` does."""

import argparse
import os
import sys
from collections.abc import Sequence

from app.runtime.root import IS_INSTALLED
from app.supervisor.commands import project_root
from app.supervisor.environment import prepare, shared_counters
from app.supervisor.errors import CannotStart
from app.supervisor.lock import DataLock
from app.supervisor.output import say
from app.supervisor.predecessor import Predecessor
from app.supervisor.supervisor import Supervisor


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 after a requested stop, 1 if the start failed."""
    options = _options(arguments)
    if IS_INSTALLED:
        # A checkout keeps its data beside the program, an installed package where it is started.
        os.environ["DATA_DIR"] = os.path.realpath(os.environ.get("DATA_DIR", "data"))
    os.chdir(project_root())
    # Files are readable by their owner only, even in a directory that others may read.
    os.umask(0o077)
    try:
        environ, settings = prepare(os.environ)
        lock = DataLock(settings.data_dir)
        running = lock.holder() if options.replace else None
        predecessor = Predecessor(running) if running else None
        if predecessor is None:
            lock.acquire()
        with shared_counters(environ):
            return Supervisor(environ, settings, lock, predecessor).run()
    except CannotStart as error:
        say(str(error))
        return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "script/server", description="Run Callboard. Settings come from the environment."
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="take over from the Callboard that runs on the same DATA_DIR, of this or an older"
        " release, without refusing a connection",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
