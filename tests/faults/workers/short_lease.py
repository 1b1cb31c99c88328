"""A delivery worker with short lease times, so that tests need not wait long."""

import logging

from app.engine import queue_client, worker_registry

# In the product 15, 6, 10 and 3.
worker_registry.SILENT_SECONDS, worker_registry.PAUSE_SECONDS = 2.0, 1.5
queue_client.LEASE_SECONDS, queue_client.IDLE_HEARTBEAT_SECONDS = 1.4, 0.5

if __name__ == "__main__":
    # Imported last, because it reads the values set above.
    from app.factory import create_core
    from app.worker.loop import work

    logging.basicConfig(level=logging.INFO)
    work(create_core(durable=False))
