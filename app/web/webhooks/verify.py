"""Show receiver code that verifies the signature of one webhook's requests."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from flask import render_template, request

from app.domain.common.form_encoding import QUERY_METHODS
from app.domain.deliveries.composing import secret_header
from app.domain.webhooks.schemes import DEFAULT_HEADERS, STANDARD, header_of
from app.domain.webhooks.signing import TOLERANCE_SECONDS
from app.models import Webhook
from app.services.webhooks import service as webhook_service
from app.web.common.access import auth
from app.web.webhooks.pages import blueprint, webhook_or_404

SAMPLES = Path(__file__).parent / "verify_samples"
# The token header in the samples, replaced with that of the webhook.
TOKEN_HEADER = "x-callboard-token"  # noqa: S105 -- the name of a header


@dataclass(frozen=True, slots=True)
class Language:
    """extension: of its sample files. install: the command for its Standard Webhooks library."""

    name: str
    title: str
    extension: str
    install: str = ""

    def sample(self, kind: str) -> str | None:
        """The code for `v1`, `v1a`, another signature scheme or `token`; None if the standard
        library cannot verify that kind."""
        return _text(SAMPLES / self.name / f"{kind}.{self.extension}")


LANGUAGES = {
    language.name: language
    for language in (
        Language("python", "Python", "py", "pip install standardwebhooks"),
        Language("javascript", "JavaScript", "mjs", "npm install standardwebhooks"),
        Language("php", "PHP", "php"),
        Language("ruby", "Ruby", "rb"),
        Language("go", "Go", "go"),
        Language("java", "Java", "java"),
        Language("csharp", "C#", "cs"),
        Language("shell", "Shell", "sh"),
    )
}


@cache
def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


@blueprint.get("/<uuid:webhook_id>/verify")
@auth.permission_required("deliveries:read")
def verify(webhook_id: UUID) -> str:
    webhook = webhook_or_404(webhook_id)
    language = LANGUAGES.get(request.args.get("language", ""), LANGUAGES["python"])
    kind = webhook.signing if webhook.signing != "none" else None
    return render_template(
        "webhooks/verify.html",
        webhook=webhook,
        languages=LANGUAGES.values(),
        language=language,
        kind=kind,
        code=_signature_code(webhook, language) if kind else None,
        scheme=webhook.signature_scheme,
        signature_header=header_of(webhook.signature_scheme, webhook.signature_header),
        token_code=_token_code(webhook, language),
        token_header=secret_header(webhook.preset, webhook.secret_header),
        public_key=_public_key(webhook) if kind == "v1a" else None,
        in_query=webhook.method.upper() in QUERY_METHODS,
        tolerance=TOLERANCE_SECONDS,
    )


def _signature_code(webhook: Webhook, language: Language) -> str | None:
    """None if the language's standard library cannot verify it."""
    scheme = webhook.signature_scheme
    code = language.sample(webhook.signing if scheme == STANDARD else scheme)
    header = header_of(scheme, webhook.signature_header)
    return code and code.replace(DEFAULT_HEADERS[scheme].lower(), header.lower())


def _token_code(webhook: Webhook, language: Language) -> str | None:
    """None if the webhook sends no token."""
    if webhook.secret_token is None:
        return None
    header = secret_header(webhook.preset, webhook.secret_header).lower()
    return (language.sample("token") or "").replace(TOKEN_HEADER, header)


def _public_key(webhook: Webhook) -> str | None:
    """Not a secret: it can verify signatures but not create them."""
    return webhook_service.secrets_of(auth.organization_id(), webhook.id).public_key
