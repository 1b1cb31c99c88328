"""A delivery worker that trusts the bench's own authority instead of the system's: BENCH_AUTHORITY
is its certificate's file. The product has no such setting."""

import os

from app.jobs import work
from app.sending import wire

wire.trusted_file = lambda: os.environ["BENCH_AUTHORITY"]

if __name__ == "__main__":
    work()
