"""The rule that decides which addresses a connection may go to, as its users see it."""

from typing import Protocol

from app.domain.addresses.urls import Address


class AddressGuard(Protocol):
    """See app/sending/addresses/guard.py."""

    def allowed(
        self, address: str | Address, url: str | None = None, port: int | None = None
    ) -> bool:
        """Whether `address` may be called on `port`, or on behalf of `url`."""
