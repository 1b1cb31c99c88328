"""Who performs an action, for the audit log."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "api_key", "portal", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """id: of the user or key; None for the system. name: an email address or a key's name. address:
    the client's IP address, if any."""

    kind: ActorKind
    id: str | None
    name: str
    address: str | None = None

    @property
    def user_id(self) -> str | None:
        """None for programs."""
        return self.id if self.kind == "user" else None


SYSTEM = Actor("system", None, "Callboard")
