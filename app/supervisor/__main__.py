"""Run the supervisor: `python -m app.supervisor`, as `script/server` does."""

import os
import sys

from app.runtime.root import IS_INSTALLED
from app.supervisor.commands import project_root
from app.supervisor.environment import prepare, shared_counters
from app.supervisor.errors import CannotStart
from app.supervisor.lock import DataLock
from app.supervisor.output import say
from app.supervisor.supervisor import Supervisor


def main() -> int:
    """The exit code: 0 after a requested stop, 1 if the start failed."""
    if IS_INSTALLED:
        # A checkout keeps its data beside the program, an installed package where it is started.
        os.environ["DATA_DIR"] = os.path.realpath(os.environ.get("DATA_DIR", "data"))
    os.chdir(project_root())
    # Files are readable by their owner only, even in a directory that others may read.
    os.umask(0o077)
    try:
        environ, settings = prepare(os.environ)
        lock = DataLock(settings.data_dir)
        lock.acquire()
        with shared_counters(environ):
            return Supervisor(environ, settings, lock.descriptor).run()
    except CannotStart as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
