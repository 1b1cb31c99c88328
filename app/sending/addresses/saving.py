"""The look-up when a webhook is saved: whoever registers a URL hears at once that it is refused."""

import select
import time
from ipaddress import ip_address

from app.domain.addresses.guard import AddressGuard
from app.domain.addresses.urls import check_resolved, check_url, refused
from app.sending.dns.lookup import Resolution
from app.sending.dns.resolver import Resolver

LONGEST_SECONDS = 2.0


def check_saved_url(
    url: str, guard: AddressGuard, *, dns_servers: tuple[str, ...] = (), field: str = "url"
) -> None:
    """Raises Invalid: it is no URL, or all that its host leads to is refused.

    Takes 2 s at most. A name that is not found by then passes: every connect checks again."""
    checked = check_url(url, field)
    if checked.literal is not None:
        if not guard.allowed(checked.literal, checked.url, checked.port):
            raise refused(field)
        return
    found = look_up(checked.host, LONGEST_SECONDS, dns_servers)
    addresses = [ip_address(text) for text in found.addresses]
    check_resolved(
        addresses, lambda address: guard.allowed(address, checked.url, checked.port), field
    )


class _Asker:
    is_over = False


def look_up(name: str, seconds: float, servers: tuple[str, ...] = ()) -> Resolution:
    """One name, waited for. Without an answer in time its cause is `timeout_dns`."""
    until = time.monotonic() + seconds
    with select.epoll() as epoll:
        resolver = Resolver[_Asker](epoll, servers)
        try:
            resolver.ask(name, None, _Asker())
            while True:
                for _, answer in resolver.take():
                    return answer
                left = until - time.monotonic()
                if left <= 0:
                    return Resolution((), "timeout_dns", f"after {seconds:g} s")
                for number, events in epoll.poll(min(left, resolver.timeout())):
                    resolver.process(number, events)
                resolver.process_timeouts()
        finally:
            resolver.close()
