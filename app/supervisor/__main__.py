"""`python -m app.supervisor`, as `script/server` does it."""

import os
import sys

from app.supervisor.commands import project_root
from app.supervisor.environment import prepare
from app.supervisor.lock import DataLock
from app.supervisor.output import say
from app.supervisor.supervisor import Supervisor
from app.supervisor.trouble import CannotStart


def main() -> int:
    """Exit code: 0 after a stop that was asked for, 1 when it could not start."""
    os.chdir(project_root())
    # Whatever the product writes is for its owner alone, also in a directory that others may read.
    os.umask(0o077)
    try:
        environ, settings = prepare(os.environ)
        lock = DataLock(settings.data_dir)
        lock.take()
        return Supervisor(environ, settings, lock.descriptor).run()
    except CannotStart as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
