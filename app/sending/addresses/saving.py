"""Check a URL when a webhook is saved, so that a blocked address is reported at once."""

import select
import time
from ipaddress import ip_address

from app.domain.addresses.guard import AddressGuard
from app.domain.addresses.urls import CheckedUrl, check_resolved, refused
from app.sending.dns.lookup import Resolution
from app.sending.dns.resolver import Resolver

LONGEST_SECONDS = 2.0


def check_saved_url(
    checked: CheckedUrl,
    guard: AddressGuard,
    *,
    dns_servers: tuple[str, ...] = (),
    field: str = "url",
) -> None:
    """Raises Invalid if all addresses of its host are blocked.

    Takes at most 2 s. A name without a result passes, since every connection is checked again."""
    if checked.literal is not None:
        if not guard.allowed(checked.literal, checked.url, checked.port):
            raise refused(field)
        return
    resolution = resolve(checked.host, LONGEST_SECONDS, dns_servers)
    addresses = [ip_address(text) for text in resolution.addresses]
    check_resolved(
        addresses, lambda address: guard.allowed(address, checked.url, checked.port), field
    )


class _Waiter:
    is_over = False


def resolve(name: str, seconds: float, servers: tuple[str, ...] = ()) -> Resolution:
    """Resolve a name, blocking for at most `seconds`; then the cause is `timeout_dns`."""
    deadline = time.monotonic() + seconds
    with select.epoll() as epoll:
        resolver = Resolver[_Waiter](epoll, servers)
        try:
            resolver.ask(name, None, _Waiter())
            while True:
                for _, resolution in resolver.take():
                    return resolution
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return Resolution((), "timeout_dns", f"after {seconds:g} s")
                for number, events in epoll.poll(min(remaining, resolver.timeout())):
                    resolver.process(number, events)
                resolver.process_timeouts()
        finally:
            resolver.close()
