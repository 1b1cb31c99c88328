"""Settings: what counts as success, when failed deliveries are retried, and how fast to send."""

from app.domain.webhooks.retry_schemas import policy_schema
from app.domain.webhooks.settings import checks
from app.domain.webhooks.settings.setting import PRESET, Section, Setting
from app.domain.webhooks.settings.types import Custom, Flag, Integer, Number
from app.domain.webhooks.success import STATUS, parse_statuses

SUCCESS = Section(
    "Success and retries",
    (
        Setting(
            name="success_statuses",
            type=Custom(
                parse_statuses,
                {"type": "array", "items": STATUS, "minItems": 1},
                widget="comma_separated",
                output={"type": "array", "items": {"type": "string"}},
            ),
            default=PRESET,
            label="Success status codes",
            help="Codes, ranges or classes such as 2xx.",
            example=["200-204", "404"],
            monospace=True,
            half_width=True,
        ),
        Setting(
            name="timeout_seconds",
            type=Number(0.1, 60),
            default=PRESET,
            label="Timeout (seconds)",
            help="For the whole request, from the DNS lookup to the last byte.",
            example=7.5,
            half_width=True,
        ),
        Setting(
            name="retry_policy",
            type=Custom(
                checks.retry_policy,
                policy_schema(),
                widget="retry_policy",
            ),
            default=PRESET,
            label="Retry policy",
            help="When failed deliveries are retried.",
            example={
                "kind": "exponential",
                "base_seconds": 2,
                "factor": 3,
                "cap_seconds": 600,
                "max_attempts": 5,
                "jitter": 0.2,
            },
        ),
        Setting(
            name="honors_retry_after",
            type=Flag(),
            default=PRESET,
            nullable=True,
            label="Honor Retry-After",
            help="The Retry-After header of a failed response can lengthen the next delay.",
            when_empty="the preset's default",
            example=False,
        ),
    ),
)

LIMITS = (
    Setting(
        name="rate_limit_per_second",
        type=Number(0.01, 10_000),
        default=None,
        nullable=True,
        label="Rate limit (per second)",
        help="Deliveries started per second. Waiting for the limit uses up no attempt.",
        when_empty="no limit",
        example=2.5,
        half_width=True,
    ),
    Setting(
        name="max_in_flight",
        type=Integer(1, 1000),
        default=32,
        label="Max concurrency",
        help="Requests in flight at once.",
        example=8,
        half_width=True,
    ),
    Setting(
        name="ordered",
        type=Flag(),
        default=False,
        label="Ordered delivery",
        help="One delivery at a time per ordering key, in the order the events were accepted,"
        " including retries.",
        example=True,
    ),
)
