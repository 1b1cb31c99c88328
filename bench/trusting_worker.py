"""A delivery worker that trusts the bench's own authority instead of the system's: BENCH_AUTHORITY
is its certificate's file. The product has no such setting."""

import os

from app.sending.http import client as wire
from app.worker.loop import work

wire.trusted_file = lambda: os.environ["BENCH_AUTHORITY"]

if __name__ == "__main__":
    work()
