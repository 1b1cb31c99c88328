"""The API reference: all operations, the page of one, and the key to try them with.

Requests are sent by the browser under an API key of the person's own (services.accounts
.reference_keys). The session would do for GET only: a cookie that lets a page write would let
another site's form do it as well, whereas a header cannot be sent from there.
"""

from dataclasses import dataclass, field

from flask import Blueprint, abort, jsonify, render_template, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from app.domain.common.clock import iso_or_none
from app.domain.common.errors import Forbidden
from app.http.credentials import PLATFORM
from app.http.descriptions import description
from app.runtime.context import runtime
from app.services.accounts import reference_keys
from app.web.accounts.organization import private
from app.web.common.access import auth, browser_session
from app.web.reference.operations import Operation, by_tag, matching, operations_of
from app.web.reference.samples import samples_of

blueprint = Blueprint("reference", __name__, url_prefix="/api-reference")


@dataclass(slots=True)
class _Kept:
    """Of this process: the description does not change while it runs."""

    operations: tuple[Operation, ...] = field(default=())


_kept = _Kept()


def _operations() -> tuple[Operation, ...]:
    if not _kept.operations:
        _kept.operations = operations_of(description())
    return _kept.operations


@blueprint.app_template_filter("code_words")
def code_words(text: str) -> Markup:
    """Words between backticks as code."""
    code = Markup("<code>{}</code>")
    parts = enumerate(text.split("`"))
    return Markup("").join(code.format(part) if n % 2 else escape(part) for n, part in parts)


@blueprint.get("")
@auth.login_required
def index() -> str:
    q = request.args.get("q", "").strip()[:200]
    operations = matching(_operations(), q) if q else _operations()
    return render_template("reference/index.html", groups=by_tag(operations), q=q)


@blueprint.get("/<operation_id>")
@auth.login_required
def show(operation_id: str) -> str:
    operations = _operations()
    operation = next((each for each in operations if each.id == operation_id), None) or abort(404)
    permission = operation.permission
    return render_template(
        "reference/show.html",
        operation=operation,
        groups=by_tag(operations),
        samples=samples_of(operation, runtime().settings.public_url),
        is_platform=permission == PLATFORM,
        is_allowed=permission is None or auth.allows(permission),
        lifetime_minutes=reference_keys.LIFETIME_MS // 60_000,
    )


@blueprint.post("/key")
@auth.login_required
def key() -> Response:
    """A key with what the person's role may do, once: only its hash is stored."""
    user, session_id = auth.current_user(), browser_session.session_id()
    if user is None or session_id is None:
        raise Forbidden("This page requires an account.")
    new_key = reference_keys.create(auth.organization_id(), user.id, session_id, auth.actor())
    document = {"key": new_key.key, "expires_at": iso_or_none(new_key.row.expires_at)}
    return private(jsonify(document))
