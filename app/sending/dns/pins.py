"""Pin host names to checked addresses in libcurl, so that it resolves none itself."""

from app.sending.http.request import Origin

MAX_PINS = 10_000

Key = tuple[str, int]
Addresses = tuple[str, ...]


class Pins:
    """The multi keeps what RESOLVE sets, so an unchanged pin need not be set again. Except by
    transfers that are added before the multi has processed the first one: the order in which it
    processes them is not defined. A pin counts as set only after `settle`."""

    def __init__(self) -> None:
        self._set: dict[Key, Addresses] = {}
        self._pending: dict[Key, Addresses] = {}

    def pin(self, origin: Origin, addresses: Addresses) -> str | None:
        """Return the RESOLVE entry for a transfer, or None if it needs none. addresses: those that
        the guard allows."""
        if origin.name is None:
            return None
        key = (origin.name, origin.port)
        if self._set.get(key) == addresses and key not in self._pending:
            return None
        self._pending[key] = addresses
        listed = ",".join(f"[{text}]" if ":" in text else text for text in addresses)
        return f"{origin.name}:{origin.port}:{listed}"

    def settle(self) -> None:
        """Note that the multi has processed all transfers added so far."""
        if not self._pending:
            return
        if len(self._set) > MAX_PINS:
            self._set.clear()
        self._set.update(self._pending)
        self._pending.clear()
