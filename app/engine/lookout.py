"""Learn what is due, from announcements or from the due queue, and call others if it is much."""

from collections.abc import Callable

from app.domain.common.clock import now_ms
from app.engine.announcements import Announcements
from app.engine.due_queue.backlog import Backlog
from app.engine.pacing import Pacing
from app.engine.queue_client import HEARTBEAT_SECONDS, QueueClient


class Lookout:
    """clock: monotonic seconds."""

    def __init__(
        self,
        backlog: Backlog,
        queue: QueueClient,
        pacing: Pacing,
        announcements: Announcements,
        call_for_help: Callable[[], None],
    ) -> None:
        self._backlog, self._queue = backlog, queue
        self._pacing, self._announcements = pacing, announcements
        self._call_for_help = call_for_help
        self._called_at = float("-inf")

    def look(self, clock: float) -> None:
        """Add what was announced to the backlog; read the due queue if it is time."""
        self._backlog.add(self._announcements.take_named(), clock, now_ms())
        if self._pacing.should_read(clock):
            self._announcements.is_pending = False
            self._queue.read_backlog(clock)

    def call_others(self, clock: float) -> None:
        """There is more than this worker can take: wake up others, at most once a second."""
        if clock - self._called_at >= HEARTBEAT_SECONDS and self._backlog.has_work(clock, now_ms()):
            self._called_at = clock
            self._call_for_help()
