"""Code with which a receiver checks that a request is ours, for one webhook."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import render_template, request

from app.domain.common.form_encoding import QUERY_METHODS
from app.domain.deliveries.composing import secret_header
from app.domain.webhooks.signing import TOLERANCE_SECONDS
from app.models import Webhook
from app.services.webhooks import service as verbs
from app.web.common import auth
from app.web.webhooks.pages import blueprint, found

SAMPLES = Path(__file__).parent / "verify_samples"
# As the samples name the header of the token; it becomes the webhook's own.
TOKEN_HEADER = "x-callboard-token"  # noqa: S105 -- a header's name


@dataclass(frozen=True, slots=True)
class Language:
    """extension: of its samples. install: how to get the library of Standard Webhooks for it."""

    name: str
    title: str
    extension: str
    install: str = ""

    def sample(self, kind: str) -> str | None:
        """The code for `v1`, `v1a` or `token`; None where the language's own library cannot."""
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
def verify(webhook_id: object) -> str:
    webhook = found(webhook_id)
    language = LANGUAGES.get(request.args.get("language", ""), LANGUAGES["python"])
    kind = webhook.signing if webhook.signing != "none" else None
    return render_template(
        "webhooks/verify.html",
        webhook=webhook,
        languages=LANGUAGES.values(),
        language=language,
        kind=kind,
        code=language.sample(kind) if kind else None,
        token_code=_token_code(webhook, language),
        token_header=secret_header(webhook.preset, webhook.secret_header),
        public_key=_public_key(webhook) if kind == "v1a" else None,
        in_query=webhook.method in QUERY_METHODS,
        tolerance=TOLERANCE_SECONDS,
    )


def _token_code(webhook: Webhook, language: Language) -> str | None:
    """None: the webhook sends no token."""
    if webhook.secret_token is None:
        return None
    header = secret_header(webhook.preset, webhook.secret_header).lower()
    return (language.sample("token") or "").replace(TOKEN_HEADER, header)


def _public_key(webhook: Webhook) -> str | None:
    """It is no secret: with it one can check, and not sign."""
    return verbs.secrets_of(auth.organization_id(), webhook.id).public_key
