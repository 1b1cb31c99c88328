"""Start and stop the processes in order."""

import os
import signal
import socket
import sys
import time

from app.runtime.configuration.settings import Settings
from app.supervisor import commands, redis_binary, upgrade
from app.supervisor.child import Child
from app.supervisor.embedded_redis import EmbeddedRedis
from app.supervisor.errors import CannotStart
from app.supervisor.listener import listen
from app.supervisor.lock import DataLock
from app.supervisor.loop import Loop
from app.supervisor.output import say
from app.supervisor.predecessor import Predecessor
from app.supervisor.schema import has_our_key, is_current, migrate
from app.supervisor.welcome import Welcome

# Together under the 15 seconds that a stop may take.
WEB_SECONDS, WORKER_SECONDS, REDIS_SECONDS = 6.0, 6.0, 2.0
REDIS_START_SECONDS = 30.0
# If Redis ends this often soon after its start, it cannot read its files.
REDIS_ATTEMPTS = 3
# In the data directory: the process that SIGUSR2 upgrades.
UPGRADABLE = "upgradable.pid"


class Supervisor:
    """lock: all children inherit its descriptor. predecessor: the running Callboard to replace; it
    has the lock until it has ended."""

    def __init__(
        self,
        environ: dict[str, str],
        settings: Settings,
        lock: DataLock,
        predecessor: Predecessor | None = None,
    ) -> None:
        self._environ, self._settings = environ, settings
        self._data_lock, self._lock = lock, lock.descriptor
        self._predecessor = predecessor
        # None: this start has delivery workers only.
        self._listener = self._listen() if settings.web_workers else None
        self._loop = Loop()
        self._welcome = Welcome(settings, is_terminal=sys.stdout.isatty())
        self._redis: EmbeddedRedis | None = None
        self._redis_child: Child | None = None
        self._redis_ends = 0
        self._web: Child | None = None
        self._workers: list[Child] = []

    def run(self) -> int:
        """Run until a stop is requested; the exit code."""
        try:
            if self._start():
                self._note_upgradable()
                while not self._loop.is_stopping:
                    if self._loop.is_upgrade_requested:
                        self._loop.is_upgrade_requested = False
                        self._upgrade()
                    self._loop.turn()
        finally:
            self._stop()
        return 0

    def _start(self) -> bool:
        """False if a stop was requested meanwhile."""
        redis = self._redis_command()
        if self._predecessor is not None:
            # The new processes work beside the old ones, except for Redis.
            if not self._migrate() or not self._take_over(self._predecessor):
                return False
            self._start_redis(redis)
        else:
            self._start_redis(redis)
            if not self._migrate():
                return False
            self._start_web()
        return self._start_workers()

    def _start_workers(self) -> bool:
        # The web process can run without Redis, but RQ's workers wait for it.
        if not self._wait_for_redis():
            return False
        self._workers = commands.worker_children(self._environ, self._settings, self._lock)
        for child in self._workers:
            self._loop.start(child)
        if self._web is None:
            say("Delivering, without web processes - stop with Ctrl-C.")
        return True

    def _listen(self) -> socket.socket:
        port = self._settings.port
        taken = self._predecessor.listener(port) if self._predecessor is not None else None
        return taken or listen(self._settings)

    def _take_over(self, predecessor: Predecessor) -> bool:
        """Serve requests beside the predecessor, then end it. False if a stop was requested."""
        if self._listener is not None:
            self._web = upgrade.start_web(self._loop, self._web_child)
            if self._web is None and not self._loop.is_stopping:
                raise CannotStart("Nothing was replaced.")
        if self._loop.is_stopping:
            return False
        upgrade.end(self._loop, predecessor)
        self._data_lock.acquire()
        say(f"Replaced process {predecessor.pid}.")
        self._welcome.show_address()
        return not self._loop.is_stopping

    def _web_child(self, ready: int) -> Child:
        assert self._listener is not None
        return commands.web_child(self._environ, self._lock, self._listener.fileno(), ready)

    def _start_web(self) -> None:
        if self._listener is None:
            return
        ready, signal_ready = os.pipe()
        self._web = self._web_child(signal_ready)
        self._loop.start(self._web)
        self._loop.watch(ready, lambda: self._welcome_user(ready))

    def _note_upgradable(self) -> None:
        """Tell `script/upgrade` that this process takes its signal, which ends older ones."""
        file = self._settings.data_dir / UPGRADABLE
        file.write_text(f"{os.getpid()}\n")

    def _upgrade(self) -> None:
        say("Upgrading to the release that is on disk.")
        try:
            if not self._migrate():
                return
        except CannotStart as error:
            say(f"{error} The running release continues.")
            return
        if not self._upgrade_web():
            return
        workers = commands.worker_children(self._environ, self._settings, self._lock)
        for old, new in zip(self._workers, workers, strict=True):
            if self._loop.is_stopping:
                return
            upgrade.replace_worker(self._loop, old, new)
        self._workers = workers
        say("Upgraded.")

    def _upgrade_web(self) -> bool:
        """False if the running release continues."""
        if self._listener is None or self._web is None:
            return True
        web = self._web
        self._web = upgrade.replace_web(self._loop, web, self._web_child)
        return self._web is not web

    def _redis_command(self) -> list[str] | None:
        """Of the embedded Redis, whose URL the environment has from now on."""
        if self._environ.get("REDIS_URL"):
            return None
        binary = redis_binary.find_or_install()
        self._redis = EmbeddedRedis(self._settings.data_dir)
        command = self._redis.command(binary)
        if not self._redis.has_usual_socket:
            self._environ["REDIS_URL"] = self._redis.url
        return command

    def _start_redis(self, command: list[str] | None) -> None:
        if command is None:
            return
        self._redis_child = commands.redis_child(command, self._environ, self._lock)
        self._redis_child.on_exit = self._on_redis_exit
        self._loop.start(self._redis_child)

    def _migrate(self) -> bool:
        """False if a stop was requested meanwhile."""
        migrations = commands.project_root() / "migrations"
        if not (is_current(self._settings, migrations) and has_our_key(self._settings)):
            migrate(self._loop, self._environ, self._lock)
        return not self._loop.is_stopping

    def _wait_for_redis(self) -> bool:
        redis = self._redis
        if redis is None:
            return True

        def is_settled() -> bool:
            return self._loop.is_stopping or redis.is_ready()

        if not self._loop.until(is_settled, REDIS_START_SECONDS):
            raise CannotStart(f"Redis does not respond; see {redis.log}.")
        return not self._loop.is_stopping

    def _on_redis_exit(self) -> None:
        """Move files away that Redis cannot read."""
        assert self._redis is not None
        assert self._redis_child is not None
        if time.monotonic() - self._redis_child.started_at > REDIS_START_SECONDS:
            self._redis_ends = 0
        self._redis_ends += 1
        if self._redis_ends == REDIS_ATTEMPTS:
            aside = self._redis.set_aside()
            say(f"Redis could not read its files; they are now in {aside}. Nothing is lost.")

    def _welcome_user(self, ready: int) -> None:
        self._loop.unwatch(ready)
        self._welcome.show_address()
        welcome = self._welcome
        child = commands.welcome_child(
            self._environ, self._lock, welcome.add, with_key=welcome.is_terminal
        )
        child.on_exit = lambda: self._welcome.show_lines(child.exit_code or 0)
        self._loop.start(child)

    def _stop(self) -> None:
        is_requested = self._loop.is_stopping
        self._loop.is_stopping = True
        if is_requested:
            say("Stopping.")
        # New connections are refused from here on; the web process finishes open requests.
        if self._listener is not None:
            self._listener.close()
        last = [self._redis_child] if self._redis_child else []
        self._end([self._web] if self._web else [], WEB_SECONDS)
        self._end([c for c in self._loop.children if c not in last], WORKER_SECONDS)
        self._end(last, REDIS_SECONDS)
        if self._redis is not None:
            self._redis.remove_socket()
        if is_requested:
            say("Stopped.")

    def _end(self, children: list[Child], seconds: float) -> None:
        """Send SIGTERM, wait, then kill; without waiting after a second Ctrl-C."""
        started = [child for child in children if child.is_running]
        for child in started:
            child.signal(signal.SIGTERM)

        def is_over() -> bool:
            return self._loop.is_forced or not any(child.is_running for child in started)

        self._loop.until(is_over, seconds)
        for child in started:
            if child.is_running:
                say(f"{child.name} did not stop in time; killing it.")
                child.kill_group()
                assert child.process is not None
                child.process.wait()
