"""Connect to the Redis server that Redis Sentinel currently names as the master.

Each new connection asks. The connections to a former master end with it, or when it refuses to
write: the next command goes to the new one.
"""

import time
from collections.abc import Callable
from typing import Any

import redis
from redis.connection import parse_url
from redis.sentinel import MasterNotFoundError, Sentinel

from app.runtime.configuration.sentinel_url import SentinelUrl

# After this long no further sentinel is asked; the next connection begins with that one.
DISCOVERY_SECONDS = 0.5

# Called with the port of a master when it is about to be connected to.
OnMaster = Callable[[int], None]


def master_client(
    url: SentinelUrl, sentinels: list[redis.Redis], on_master: OnMaster | None, **options: Any
) -> redis.Redis:
    """sentinels: a client for each of `url.sentinels`. options: of connections to the master; those
    in the URL override them."""
    options |= parse_url(url.server)  # type: ignore[no-untyped-call]
    # The pool has classes of its own.
    options.pop("connection_class", None)
    manager = _Sentinels(sentinels, on_master)
    client: redis.Redis = manager.master_for(  # type: ignore[no-untyped-call]
        url.service, ssl=url.is_tls, **options
    )
    return client


class _Sentinels(Sentinel):
    """Thread-safe: `sentinels` is replaced, never changed."""

    def __init__(self, sentinels: list[redis.Redis], on_master: OnMaster | None) -> None:
        super().__init__([])  # type: ignore[no-untyped-call]
        self.sentinels = sentinels
        self._on_master = on_master

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """Host and port. Unlike that of redis-py it is bounded as a whole, and begins with the
        sentinel that responded last."""
        ends_at, problems = time.monotonic() + DISCOVERY_SECONDS, list[str]()
        for sentinel in self.sentinels:
            try:
                state: Any = sentinel.sentinel_masters().get(service_name)  # type: ignore[union-attr]
            except (redis.RedisError, OSError) as error:
                problems.append(str(error))
            else:
                if state and self.check_master_state(state, service_name):  # type: ignore[no-untyped-call]
                    if self._on_master is not None:
                        self._on_master(state["port"])
                    return state["ip"], state["port"]
                problems.append("the master does not respond" if state else "unknown service")
            self.sentinels = [each for each in self.sentinels if each is not sentinel] + [sentinel]
            if time.monotonic() >= ends_at:
                break
        text = "; ".join(problems)
        raise MasterNotFoundError(f"no sentinel names a master of {service_name}: {text}")
