"""Share free slots fairly: first among organizations, then among the webhooks of each."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def share(capacities: Mapping[K, int], total: int) -> dict[K, int]:
    """Divide `total` as evenly as the capacities allow; remainders go to the first keys. Keys
    without a share are left out."""
    left, shares = total, dict.fromkeys(capacities, 0)
    unfilled = [key for key, capacity in capacities.items() if capacity > 0]
    while left > 0 and unfilled:
        portion = max(1, left // len(unfilled))
        remaining = []
        for key in unfilled:
            more = min(portion, capacities[key] - shares[key], left)
            shares[key] += more
            left -= more
            if shares[key] < capacities[key]:
                remaining.append(key)
        unfilled = remaining
    return {key: number for key, number in shares.items() if number}


def share_fairly(
    demands: Sequence[tuple[str, str, int]], limits: Mapping[str, int], total: int
) -> dict[str, int]:
    """Return the number of slots of each webhook that gets any.

    demands: (organization, webhook, number of slots that it can use). limits: what is left for
    organizations that have a limit.
    """
    by_organization: dict[str, dict[str, int]] = {}
    for organization, webhook, capacity in demands:
        by_organization.setdefault(organization, {})[webhook] = capacity
    needs = {
        organization: min(sum(webhooks.values()), limits.get(organization, total))
        for organization, webhooks in by_organization.items()
    }
    shares: dict[str, int] = {}
    for organization, number in share(needs, total).items():
        shares.update(share(by_organization[organization], number))
    return shares
