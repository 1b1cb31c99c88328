"""Who does something: what every verb takes, and what the audit log keeps of it."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "api_key", "portal", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """id: of the user or key, None for the system. name: as people know it (an e-mail address, a
    key's name). address: the IP address that it came from, None when it came from none."""

    kind: ActorKind
    id: str | None
    name: str
    address: str | None = None

    @property
    def user_id(self) -> str | None:
        """The signed-in person's id; None for programs."""
        return self.id if self.kind == "user" else None


SYSTEM = Actor("system", None, "Callboard")
