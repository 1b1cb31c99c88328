"""Run a delivery worker: `python worker.py`.

Start as many as there are cores to spare, on any machine that reaches the database and Redis; stop
one with SIGTERM.
"""

import logging
import sys

from app.factory import create_core
from app.services.maintenance.secret_key import WrongSecretKey, check_at_start
from app.worker.loop import work

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # A record that is lost in a power failure means a repeated attempt: commits may be lazy.
    app = create_core(durable=False)
    try:
        check_at_start(app)
    except WrongSecretKey as error:
        sys.exit(str(error))
    work(app)
