"""Who performs an action, for the audit log."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

# The User-Agent of the request that this thread handles. Surfaces set it; actors that have none of
# their own take it.
client_agent: ContextVar[str | None] = ContextVar("client_agent", default=None)

ActorKind = Literal["user", "api_key", "portal", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """id: of the user or key; None for the system. name: an email address or a key's name. address,
    agent: the client's IP address and User-Agent, if any."""

    kind: ActorKind
    id: str | None
    name: str
    address: str | None = None
    agent: str | None = None

    @property
    def user_id(self) -> str | None:
        """None for programs."""
        return self.id if self.kind == "user" else None


SYSTEM = Actor("system", None, "Callboard")
