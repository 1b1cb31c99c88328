"""The order in which things start and stop."""

import os
import signal
import time

from app.runtime.settings import Settings
from app.supervisor import commands, redis_binary
from app.supervisor.child import Child
from app.supervisor.embedded_redis import EmbeddedRedis
from app.supervisor.listener import listen
from app.supervisor.loop import Loop
from app.supervisor.output import say
from app.supervisor.schema import is_current
from app.supervisor.trouble import CannotStart
from app.supervisor.welcome import Welcome

# Together under the 15 seconds that a stop may take.
WEB_SECONDS, WORKER_SECONDS, REDIS_SECONDS = 6.0, 6.0, 2.0
REDIS_START_SECONDS = 30.0
# A Redis that ends this often without staying up cannot read its files.
REDIS_TRIES = 3


class Supervisor:
    """lock: the descriptor that all children inherit (see `lock.DataLock`)."""

    def __init__(self, environ: dict[str, str], settings: Settings, lock: int) -> None:
        self._environ, self._settings, self._lock = environ, settings, lock
        self._listener = listen(settings)
        self._loop = Loop()
        self._welcome = Welcome(settings)
        self._redis: EmbeddedRedis | None = None
        self._redis_child: Child | None = None
        self._redis_ends = 0
        self._web: Child | None = None

    def run(self) -> int:
        """Until a stop is asked for."""
        try:
            if self._start():
                while not self._loop.is_stopping:
                    self._loop.turn()
        finally:
            self._stop()
        return 0

    def _start(self) -> bool:
        """False when a stop was asked for meanwhile."""
        self._start_redis()
        if not self._migrate():
            return False
        ready, tell = os.pipe()
        self._web = commands.web_child(self._environ, self._lock, self._listener.fileno(), tell)
        self._loop.start(self._web)
        self._loop.watch(ready, lambda: self._greet(ready))
        # The web does without Redis; RQ's workers don't.
        if not self._wait_for_redis():
            return False
        for child in commands.worker_children(self._environ, self._settings, self._lock):
            self._loop.start(child)
        return True

    def _start_redis(self) -> None:
        if self._environ.get("REDIS_URL"):
            return
        binary = redis_binary.find_or_get()
        self._redis = EmbeddedRedis(self._settings.data_dir)
        self._environ["REDIS_URL"] = self._redis.url
        command = self._redis.command(binary)
        self._redis_child = commands.redis_child(command, self._environ, self._lock)
        self._redis_child.on_end = self._see_to_redis
        self._loop.start(self._redis_child)

    def _migrate(self) -> bool:
        if is_current(self._settings, commands.project_root() / "migrations"):
            return True
        child = commands.migration_child(self._environ, self._lock)
        self._loop.start(child)
        while child.is_running and not self._loop.is_stopping:
            self._loop.turn()
        if child.exit_code and not self._loop.is_stopping:
            raise CannotStart("The database could not be prepared; the lines above say why.")
        return not self._loop.is_stopping

    def _wait_for_redis(self) -> bool:
        redis = self._redis
        if redis is None:
            return True

        def settled() -> bool:
            return self._loop.is_stopping or redis.is_ready()

        if not self._loop.until(settled, REDIS_START_SECONDS):
            raise CannotStart(f"Redis does not answer; see {redis.log}.")
        return not self._loop.is_stopping

    def _see_to_redis(self) -> None:
        """After its end: set files aside that it cannot read."""
        assert self._redis is not None
        assert self._redis_child is not None
        if time.monotonic() - self._redis_child.started_at > REDIS_START_SECONDS:
            self._redis_ends = 0
        self._redis_ends += 1
        if self._redis_ends == REDIS_TRIES:
            aside = self._redis.set_aside()
            say(f"Redis could not read its files; they are kept in {aside}. Nothing is lost.")

    def _greet(self, ready: int) -> None:
        self._loop.unwatch(ready)
        self._welcome.show_address()
        child = commands.welcome_child(self._environ, self._lock, self._welcome.take)
        child.on_end = lambda: self._welcome.show_lines(child.exit_code or 0)
        self._loop.start(child)

    def _stop(self) -> None:
        was_asked = self._loop.is_stopping
        self._loop.is_stopping = True
        if was_asked:
            say("Stopping.")
        # From here on new callers are refused; the web process ends what it has begun.
        self._listener.close()
        last = [self._redis_child] if self._redis_child else []
        self._end([self._web] if self._web else [], WEB_SECONDS)
        self._end([c for c in self._loop.children if c not in last], WORKER_SECONDS)
        self._end(last, REDIS_SECONDS)
        if self._redis is not None:
            self._redis.tidy()
        if was_asked:
            say("Stopped.")

    def _end(self, children: list[Child], seconds: float) -> None:
        """Ask, wait, insist. A second Ctrl-C means: now."""
        started = [child for child in children if child.is_running]
        for child in started:
            child.signal(signal.SIGTERM)

        def over() -> bool:
            return self._loop.is_hurried or not any(child.is_running for child in started)

        self._loop.until(over, seconds)
        for child in started:
            if child.is_running:
                say(f"{child.name} did not end by itself.")
                child.kill_group()
                assert child.process is not None
                child.process.wait()
