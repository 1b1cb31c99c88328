"""Settings: what a request contains."""

from collections.abc import Mapping

from app.domain.bodies.formats import FORMATS
from app.domain.common.names import TOKEN_PATTERN
from app.domain.expressions.syntax import MAX_LENGTH as MAX_EXPRESSION_LENGTH
from app.domain.webhooks.credentials import certificates
from app.domain.webhooks.credentials.authentication import check_authentication, schema
from app.domain.webhooks.credentials.example import EXAMPLE_CERTIFICATE, EXAMPLE_KEY
from app.domain.webhooks.headers import MAX_HEADERS, check_headers, check_secret_headers
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.settings import checks
from app.domain.webhooks.settings.setting import PRESET, Section, Setting
from app.domain.webhooks.settings.types import Choice, Custom, Text

HEADERS = {"type": "object", "additionalProperties": {"type": "string"}}


def _headers(value: Mapping[str, object]) -> dict[str, object]:
    """What the API takes. value: the schema of a header's value."""
    pair = {
        "type": "array",
        "prefixItems": [checks.HEADER_NAME, value],
        "items": {"type": "string"},
        "minItems": 2,
        "maxItems": 2,
    }
    return {
        "anyOf": [
            {
                "type": "object",
                "propertyNames": {"pattern": TOKEN_PATTERN},
                "additionalProperties": value,
                "maxProperties": MAX_HEADERS,
            },
            {"type": "array", "items": pair, "maxItems": MAX_HEADERS},
        ]
    }


PEM = "-----BEGIN [A-Z0-9 ]+-----"
CUSTOM_ONLY = ("body_format", "custom")

SECTION = Section(
    "Request",
    (
        Setting(
            name="method",
            type=Custom(
                checks.method,
                checks.METHOD,
                widget="method",
            ),
            default=PRESET,
            label="Method",
            help="GET, HEAD and OPTIONS carry the parameters in the query.",
            example="PUT",
            monospace=True,
            half_width=True,
        ),
        Setting(
            name="body_format",
            type=Choice({name: PRESETS[name].title for name in FORMATS}),
            default=PRESET,
            label="Body format",
            help="The shape of the body.",
            example="render",
            half_width=True,
        ),
        Setting(
            name="body_encoding",
            type=Choice({"json": "JSON", "form": "Form"}, "radio"),
            default=PRESET,
            label="Encoding",
            help="The encoding of a custom body.",
            example="form",
            only_for=CUSTOM_ONLY,
        ),
        Setting(
            name="body_expression",
            type=Custom(
                checks.expression,
                {"type": "string", "minLength": 1, "maxLength": MAX_EXPRESSION_LENGTH},
                widget="textarea",
            ),
            default=None,
            nullable=True,
            label="Expression",
            help="A JMESPath expression over the event that returns the custom body.",
            when_empty="the payload",
            example="{id: id, state: payload.status}",
            monospace=True,
            only_for=CUSTOM_ONLY,
        ),
        Setting(
            name="headers",
            type=Custom(
                check_headers,
                _headers(checks.HEADER_VALUE),
                widget="headers",
                output=HEADERS,
            ),
            default=[],
            label="Headers",
            help="Sent with each request.",
            example={"X-Team": "video"},
            monospace=True,
        ),
        Setting(
            name="secret_headers",
            type=Custom(
                check_secret_headers,
                _headers(checks.HEADER_VALUE | {"minLength": 1}),
                widget="secret_headers",
                output=HEADERS,
            ),
            default=None,
            nullable=True,
            secrecy="owner",
            label="Secret headers",
            help="Headers with credentials: encrypted, and hidden from viewers."
            " Authorization is always one of them.",
            when_empty="no secret headers",
            example={"X-Api-Key": "k-456"},
            monospace=True,
        ),
        Setting(
            name="authentication",
            type=Custom(check_authentication, schema(), widget="authentication"),
            default=None,
            nullable=True,
            secrecy="owner",
            label="Authentication",
            help="Sends the header Authorization: encrypted, and hidden from viewers.",
            when_empty="none",
            example={"kind": "basic", "username": "ada", "password": "s3cret"},
        ),
        Setting(
            name="client_certificate",
            type=Custom(
                certificates.check_client_certificate,
                {"type": "string", "pattern": PEM, "maxLength": certificates.MAX_CLIENT},
                widget="pem",
            ),
            default=None,
            nullable=True,
            secrecy="owner",
            label="Client certificate",
            help="For receivers that require one (mutual TLS): the certificate, its chain and its"
            " private key as PEM text. The key is never shown.",
            when_empty="none",
            example=EXAMPLE_CERTIFICATE + EXAMPLE_KEY,
            monospace=True,
        ),
        Setting(
            name="ca_certificates",
            type=Custom(
                certificates.check_authorities,
                {"type": "string", "pattern": PEM, "maxLength": certificates.MAX_AUTHORITIES},
                widget="pem",
            ),
            default=None,
            nullable=True,
            secrecy="owner",
            label="Trusted authorities",
            help="For receivers with certificates of a private authority: its certificates as PEM"
            " text. They replace the public authorities.",
            when_empty="the public authorities",
            example=EXAMPLE_CERTIFICATE,
            monospace=True,
        ),
        Setting(
            name="secret_token",
            type=Custom(
                checks.secret_token,
                checks.HEADER_VALUE | {"minLength": 1, "maxLength": checks.MAX_TOKEN_LENGTH},
                widget="secret",
            ),
            default=None,
            nullable=True,
            secrecy="owner",
            label="Secret token",
            help="Sent in the token header, for receivers that compare a token.",
            when_empty="no token",
            example="s3cret-token",
            monospace=True,
            half_width=True,
        ),
        Setting(
            name="secret_header",
            type=Custom(
                checks.secret_header,
                checks.HEADER_NAME,
            ),
            default=PRESET,
            nullable=True,
            label="Token header",
            help="The header that carries the secret token.",
            when_empty="X-Callboard-Token",
            example="X-Token",
            placeholder="X-Callboard-Token",
            monospace=True,
            half_width=True,
        ),
        Setting(
            name="api_key",
            type=Text(1024, widget="secret"),
            default=None,
            nullable=True,
            secrecy="owner",
            label="API key",
            help="Sent in the form as api_key.",
            when_empty="no API key",
            example="k-123",
            monospace=True,
            only_for=("body_format", "form_callback"),
        ),
    ),
)
