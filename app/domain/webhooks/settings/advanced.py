"""Settings that most webhooks leave at their defaults: signing, limits, notes."""

from app.domain.webhooks import schemes
from app.domain.webhooks.settings import checks
from app.domain.webhooks.settings.sending import LIMITS
from app.domain.webhooks.settings.setting import Section, Setting
from app.domain.webhooks.settings.types import Choice, Custom, Text
from app.domain.webhooks.signing import SECRET_PATTERN, parse_secret

SECTION = Section(
    "Signing, limits and notes",
    (
        Setting(
            name="signing",
            type=Choice(
                {
                    "v1": "v1: HMAC-SHA256 with a shared secret",
                    "v1a": "v1a: ed25519, receivers need only the public key",
                    "none": "Off",
                },
                "radio",
            ),
            default="v1",
            label="Signature",
            help="Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature headers.",
            example="v1a",
        ),
        Setting(
            name="signature_scheme",
            type=Choice(schemes.TITLES),
            default=schemes.STANDARD,
            label="Signature scheme",
            help="How the signature is written, for receivers that were built for another sender."
            " Schemes other than Standard Webhooks take the whole text of the secret as the key.",
            example=schemes.TIMESTAMPED,
            half_width=True,
        ),
        Setting(
            name="signature_header",
            type=Custom(
                checks.signature_header,
                checks.HEADER_NAME,
            ),
            default=None,
            nullable=True,
            label="Signature header",
            help="The header that carries the signature.",
            when_empty="webhook-signature, X-Callboard-Signature or X-Hub-Signature-256, by scheme",
            example="X-Acme-Signature",
            monospace=True,
            half_width=True,
        ),
        Setting(
            name="secret",
            type=Custom(parse_secret, {"type": "string", "pattern": SECRET_PATTERN}),
            default=None,
            nullable=True,
            secrecy="write_only",
            label="Signing secret",
            help="whsec_ with base64 of 24 to 64 bytes for v1, whsk_ with an ed25519 key for v1a.",
            when_empty="a generated secret",
            example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            monospace=True,
            create_only=True,
        ),
        *LIMITS,
        Setting(
            name="description",
            type=Text(4000, multiline=True, widget="textarea"),
            default="",
            label="Description",
            help="For your team.",
            example="Owned by the ingest team.\nRunbook: wiki/ingest",
        ),
        Setting(
            name="metadata",
            type=Custom(checks.metadata, {"type": "object"}, widget="json"),
            default={},
            column="meta",
            label="Metadata",
            help=f"A JSON object of at most {checks.MAX_METADATA_BYTES} bytes. Never sent.",
            example={"team": "video"},
            monospace=True,
        ),
    ),
    is_folded=True,
)
