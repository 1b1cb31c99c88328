"""What lists and menus call webhooks, so that no two of them look the same."""

from collections import Counter
from collections.abc import Iterable

from app.models import Webhook
from app.web.common.rendering.templating import bare_url

# Characters at the end of an id, which are random, so that they tell webhooks apart.
TAIL = 6


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
