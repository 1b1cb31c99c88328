"""Settings: which events match."""

from app.domain.common import names
from app.domain.event_types.names import MAX_NAME_LENGTH
from app.domain.event_types.patterns import SELECTOR_PATTERN, check_selector
from app.domain.expressions.syntax import MAX_LENGTH as MAX_EXPRESSION_LENGTH
from app.domain.webhooks.settings import checks
from app.domain.webhooks.settings.setting import Section, Setting
from app.domain.webhooks.settings.types import Custom, Flag, NameList, Text

SOURCE = Text(names.MAX_SOURCE, min_length=1)

SECTION = Section(
    "Events",
    (
        Setting(
            name="event_types",
            type=NameList(
                check_selector,
                {"type": "string", "pattern": SELECTOR_PATTERN, "maxLength": MAX_NAME_LENGTH},
                widget="event_types",
            ),
            default=None,
            nullable=True,
            label="Event types",
            help="Only events of these types are sent. encoding.* stands for all that begin with"
            " encoding., *.failed for all that end with .failed.",
            when_empty="all event types",
            example=["encoding.finished", "order.*"],
        ),
        Setting(
            name="sources",
            type=NameList(SOURCE.check, SOURCE.input_schema()),
            default=None,
            nullable=True,
            label="Sources",
            help="Only events with one of these sources are sent, such as a channel or an asset.",
            when_empty="all sources",
            example=["channel/7", "channel/9"],
            monospace=True,
        ),
        Setting(
            name="filter",
            type=Custom(
                checks.expression,
                {"type": "string", "minLength": 1, "maxLength": MAX_EXPRESSION_LENGTH},
            ),
            default=None,
            nullable=True,
            label="Filter",
            help="A JMESPath expression over id, type, source, occurred_at and payload. Only events"
            " for which it is true are sent.",
            when_empty="no filter",
            example="payload.status == 'done'",
            monospace=True,
        ),
        Setting(
            name="once",
            type=Flag(),
            default=False,
            label="One-time",
            help="Send only the first matching event.",
            example=True,
        ),
    ),
)
