"""Which addresses a connection may go to: asked after a name is resolved, and at every connect."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address

from app.domain.addresses.urls import Address, Network, refusal

MAX_REMEMBERED = 4096


def _no_exemption(_: str) -> bool:
    return False


class Guard:
    """The address rule of this installation.

    exempt: says of a whole URL whether it is the catcher's own, which may be called wherever it
    is. A caller of it must be sure of the whole path, since the exemption covers any address.
    """

    def __init__(
        self,
        allowed_private_networks: Iterable[Network] = (),
        exempt: Callable[[str], bool] = _no_exemption,
    ) -> None:
        self._allowed = tuple(allowed_private_networks)
        self._exempt = exempt
        # Each connection asks three times about one of a few addresses.
        self._known: dict[str, bool] = {}

    def allowed(self, address: str | Address, url: str | None = None) -> bool:
        """Whether `address` may be called at all, or for the sake of `url`."""
        text = str(address)
        known = self._known.get(text)
        if known is None:
            known = self._judge(text)
        return known or (url is not None and self._exempt(url))

    def _judge(self, text: str) -> bool:
        try:
            judged = refusal(ip_address(text), self._allowed) is None
        except ValueError:
            judged = False
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[text] = judged
        return judged
