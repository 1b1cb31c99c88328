"""What lists and menus call webhooks, so that no two of them look the same."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.domain.common.ids import canonical_id
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.web.common.rendering.templating import bare_url

# Characters at the end of an id, which are random, so that they tell webhooks apart.
TAIL = 6
# Webhooks in the menu of a filter.
MENU = 200


def tails_of(webhooks: Iterable[Webhook]) -> dict[str, str]:
    """{webhook id: the end of its id if another of these has the same name and URL, else ""}"""
    webhooks = list(webhooks)
    shown = Counter((webhook.name, webhook.url) for webhook in webhooks)
    return {
        webhook.id: webhook.id[-TAIL:] if shown[webhook.name, webhook.url] > 1 else ""
        for webhook in webhooks
    }


def titles_of(webhooks: Iterable[Webhook]) -> dict[str, str]:
    """{webhook id: its name or URL, with the end of its id if another of these has the same}"""
    titles = {webhook.id: webhook.name or bare_url(webhook.url) for webhook in webhooks}
    shown = Counter(titles.values())
    return {
        id_: f"{title} \u2026{id_[-TAIL:]}" if shown[title] > 1 else title
        for id_, title in titles.items()
    }


def menu_of(organization_id: str, selected_id: str) -> dict[str, str]:
    """Titles of the newest webhooks, and of the selected one. selected_id: as in the URL."""
    webhooks = webhook_queries.page(organization_id, MENU).rows
    id_ = canonical_id(selected_id)
    if id_ and all(webhook.id != id_ for webhook in webhooks):
        selected = webhook_queries.get(organization_id, id_)
        webhooks += [selected] if selected else []
    return titles_of(webhooks)


@dataclass(frozen=True, slots=True)
class Missing:
    """A selected webhook that is not in the menu. sentence: why; "" if that needs no words.
    entry: for the menu, {id: title}; empty if its title is not known."""

    sentence: str = ""
    entry: Mapping[str, str] = field(default_factory=dict)


def missing_of(
    organization_id: str, selected_id: str, menu: Mapping[str, str], listed: str
) -> Missing:
    """Empty if the selected webhook is in the menu, or none is selected. listed: what the list has,
    such as "deliveries"."""
    id_ = canonical_id(selected_id)
    if not id_ or id_ in menu:
        return Missing()
    webhook = webhook_queries.get_any(organization_id, id_)
    if webhook is None:
        return Missing("This organization has no webhook with the ID of this filter.")
    if webhook.deleted_at is None:
        # The target of one-off callbacks.
        return Missing()
    title = webhook.name or bare_url(webhook.url)
    sentence = f"The webhook {title} was deleted. Its {listed} are listed until they expire."
    return Missing(sentence, {id_: title})
