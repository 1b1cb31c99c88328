"""A delivery worker: `python worker.py`. Start as many as there are cores to spare, on any machine
that reaches the database and Redis; stop one with SIGTERM."""

import logging

from app.worker.loop import work

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    work()
