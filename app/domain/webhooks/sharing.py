"""Sharing free slots: organizations alike first, then the webhooks of each alike."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def share(capacities: Mapping[K, int], total: int) -> dict[K, int]:
    """As even a share of `total` as the capacities allow; what is left of an uneven one goes to
    those that stand first. Only shares above nothing are told."""
    left, shares = total, dict.fromkeys(capacities, 0)
    open_ = [key for key, capacity in capacities.items() if capacity > 0]
    while left > 0 and open_:
        each = max(1, left // len(open_))
        still = []
        for key in open_:
            more = min(each, capacities[key] - shares[key], left)
            shares[key] += more
            left -= more
            if shares[key] < capacities[key]:
                still.append(key)
        open_ = still
    return {key: number for key, number in shares.items() if number}


def share_fairly(
    wanted: Sequence[tuple[str, str, int]], most: Mapping[str, int], total: int
) -> dict[str, int]:
    """wanted: (organization, webhook, how many it can take). most: what is left to organizations
    that have a limit. The number for each webhook that gets any."""
    by_organization: dict[str, dict[str, int]] = {}
    for organization, webhook, capacity in wanted:
        by_organization.setdefault(organization, {})[webhook] = capacity
    needs = {
        organization: min(sum(webhooks.values()), most.get(organization, total))
        for organization, webhooks in by_organization.items()
    }
    shares: dict[str, int] = {}
    for organization, number in share(needs, total).items():
        shares.update(share(by_organization[organization], number))
    return shares
