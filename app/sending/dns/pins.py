"""Which name libcurl was told to find at which addresses, so that it resolves none itself."""

from app.sending.http.request import Origin

MAX_PINS = 10_000

Key = tuple[str, int]
Addresses = tuple[str, ...]


class Pins:
    """libcurl keeps what RESOLVE tells it with the multi, until it is told otherwise. So only news
    is told; but a transfer that starts in the same turn as the one that tells might be looked at
    first, and is told too: what is told counts as known from `settled` on."""

    def __init__(self) -> None:
        self._known: dict[Key, Addresses] = {}
        self._told: dict[Key, Addresses] = {}

    def pin(self, origin: Origin, addresses: Addresses) -> str | None:
        """What RESOLVE has to say; None: nothing. addresses: those that the guard let pass."""
        if origin.name is None:
            return None
        key = (origin.name, origin.port)
        if self._known.get(key) == addresses and key not in self._told:
            return None
        self._told[key] = addresses
        found = ",".join(f"[{one}]" if ":" in one else one for one in addresses)
        return f"{origin.name}:{origin.port}:{found}"

    def settled(self) -> None:
        """The multi has looked at all transfers."""
        if not self._told:
            return
        if len(self._known) > MAX_PINS:
            self._known.clear()
        self._known.update(self._told)
        self._told.clear()
