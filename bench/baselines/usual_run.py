"""Run (b) or (c) in its own process and print jobs per second.

python -m bench.baselines.usual_run simple|fork REDIS_URL NUMBER
"""

import logging
import sys
import time

import redis
from rq import Queue, SimpleWorker, Worker

from bench.baselines.usual import send


def main() -> None:
    kind, url, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    logging.disable(logging.WARNING)
    connection = redis.Redis.from_url(url)
    queue = Queue("usual", connection=connection)
    queue.enqueue_many([Queue.prepare_data(send, (n + 1,)) for n in range(number)])
    worker = (SimpleWorker if kind == "simple" else Worker)([queue], connection=connection)
    before = time.monotonic()
    worker.work(burst=True, logging_level="CRITICAL")
    print(number / (time.monotonic() - before))


if __name__ == "__main__":
    main()
