"""The interface of the address guard."""

from typing import Protocol

from app.domain.addresses.urls import Address


class AddressGuard(Protocol):
    """See app/sending/addresses/guard.py."""

    def allowed(
        self, address: str | Address, url: str | None = None, port: int | None = None
    ) -> bool:
        """Whether requests may go to `address` on `port`, or for this `url`."""

    def is_exempt(self, url: str) -> bool:
        """Whether this URL may be called at any address: it is a test inbox or a
        listener of our own."""
