"""Events that are lost only if the producer's own database is.

The producer writes an event into a table in the same transaction as its own change. A relay posts
the rows and deletes each once it is accepted. After a crash at any point the row is posted again
under the same id, which Callboard accepts once.
"""

from callboard.outbox.relay import Relay, RelayResult
from callboard.outbox.table import Outbox

__all__ = ["Outbox", "Relay", "RelayResult"]
