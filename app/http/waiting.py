"""Wait for announcements where no event loop can: in the request's own thread."""

import threading
import time
from typing import TYPE_CHECKING

from app.http.messages import Response, Waiting

if TYPE_CHECKING:
    from app.http.kernel import Exchange


def wait_in_thread(exchange: "Exchange", waiting: Waiting) -> Response:
    """The response, where no event loop can wait. Only a few threads wait at once: beyond these it
    comes at once, as if the time were over."""
    runtime = exchange.runtime
    try:
        response = exchange.look(waiting)
        if response is None and runtime.waiting_threads.acquire(blocking=False):
            try:
                response = _look_until_late(exchange, waiting)
            finally:
                runtime.waiting_threads.release()
        if response is None:
            response = exchange.look(waiting, is_late=True)
        assert response is not None, "late has a response"
        return response
    finally:
        waiting.close()


def _look_until_late(exchange: "Exchange", waiting: Waiting) -> Response | None:
    announced = threading.Event()
    end = exchange.runtime.topics.watch(waiting.topic, announced.set)
    deadline = time.monotonic() + waiting.seconds
    try:
        while True:
            # Also right after the subscription, and once more when the time is over.
            response = exchange.look(waiting)
            left = deadline - time.monotonic()
            if response is not None or left <= 0:
                return response
            announced.wait(left)
            announced.clear()
    finally:
        end()
