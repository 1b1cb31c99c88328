"""A delivery worker whose patience with silent ones is short, so that a test need not wait long."""

import logging

from app.engine import queue_client as desk
from app.engine import worker_registry as roll

# In the product 15, 10 and 3.
roll.SILENT_SECONDS, desk.SURE_SECONDS, desk.IDLE_BEAT_SECONDS = 2.0, 1.4, 0.5

if __name__ == "__main__":
    # Only now: it takes over what was set above.
    from app.worker.loop import work

    logging.basicConfig(level=logging.INFO)
    work()
