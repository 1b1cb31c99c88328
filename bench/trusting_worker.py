"""A delivery worker that trusts the CA in the file BENCH_AUTHORITY instead of the system's.

The product has no such setting.
"""

import os

from app.factory import create_core
from app.sending.http import client as http_client
from app.worker.loop import work

http_client.find_ca_file = lambda: os.environ["BENCH_AUTHORITY"]

if __name__ == "__main__":
    work(create_core(durable=False))
