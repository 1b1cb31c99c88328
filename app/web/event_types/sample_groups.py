"""The event types with samples, as forms offer them."""

from app.domain.event_types.names import PRODUCT_TYPES, SAMPLES, description_of
from app.domain.webhooks.presets import PRESETS
from app.queries.event_types import catalogue as event_type_queries

# Event types of the organization that a form offers.
OWN_SAMPLES = 30

# (title, [(event type, description)])
Group = tuple[str, list[tuple[str, str]]]


def sample_groups(organization_id: str) -> list[Group]:
    """The organization's own event types, then those of each preset."""
    own_types = [
        (row.name, row.description or description_of(row.name))
        for row in event_type_queries.page(organization_id, OWN_SAMPLES).rows
    ]
    groups = [("Your event types", own_types)] if own_types else []
    return groups + [
        (preset.title, [(name, SAMPLES[name].description) for name in preset.event_types])
        for preset in PRESETS.values()
        # Those of the chats are system events.
        if PRODUCT_TYPES.isdisjoint(preset.event_types) and preset.event_types
    ]
