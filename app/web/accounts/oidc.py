"""Sign in at an OpenID provider: go there, and come back with a code.

What belongs to one sign-in (state, nonce, PKCE verifier) is in the browser's own session, so that
nobody can finish a sign-in that another browser began. Coming back takes it out: it works once.
"""

import logging
import secrets
from typing import Any

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from app.domain.accounts.oidc import ProviderFault, SignInRefused
from app.domain.common.clock import now_ms
from app.services.sign_in import oidc
from app.web.accounts import second_step
from app.web.common.access import auth
from app.web.common.local_paths import local_path

log = logging.getLogger("callboard.web")

blueprint = Blueprint("oidc", __name__, url_prefix="/sign-in/oidc")

PENDING = "oidc"
# Tabs that may sign in at the same time, and how long the provider's pages may take.
MAX_PENDING = 4
# Longer paths are dropped: a cookie holds 4 KB.
MAX_TARGET = 500
LIFETIME_MS = 15 * 60_000

NOT_BEGUN = (
    "This sign-in was not begun in this browser, is complete already, or took more than 15 minutes."
)


@blueprint.before_request
def require_provider() -> Response | None:
    """404 without OIDC_ISSUER. A prefetch begins nothing."""
    if oidc.settings() is None:
        abort(404)
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return Response(status=204)
    return None


@blueprint.get("")
def begin() -> Response:
    """To the provider. A link and no form: the CSP lets forms lead to this site only."""
    target = local_path(request.args.get("next"))
    if auth.current() is not None:
        return redirect(target or url_for("overview.show"), 303)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        url = oidc.authorization_url(state, nonce, verifier, request.remote_addr)
    except ProviderFault as error:
        return _failed(error)
    pending = {
        "nonce": nonce,
        "verifier": verifier,
        "next": target if target and len(target) <= MAX_TARGET else "",
        "until": now_ms() + LIFETIME_MS,
    }
    session[PENDING] = dict([*_pending().items(), (state, pending)][-MAX_PENDING:])
    return redirect(url, 303)


@blueprint.get("/callback")
def callback() -> Response:
    """Back from the provider."""
    others = _pending()
    pending = others.pop(request.args.get("state", ""), None)
    session[PENDING] = others
    # Some providers leave the state out of errors.
    if "error" in request.args:
        return _failed(_refusal_of_provider())
    if pending is None:
        return _failed(SignInRefused(NOT_BEGUN, "Start again from the sign-in page."), 400)
    try:
        user = oidc.sign_in(
            request.args.get("code", ""),
            pending["nonce"],
            pending["verifier"],
            request.remote_addr,
        )
    except (ProviderFault, SignInRefused) as error:
        return _failed(error)
    return second_step.finish(user, remembered=False, target=pending["next"])


def _pending() -> dict[str, Any]:
    """{state: sign-in} of this browser that may still be completed."""
    stored, now = session.get(PENDING), now_ms()
    stored = stored if isinstance(stored, dict) else {}
    return {state: pending for state, pending in stored.items() if pending["until"] > now}


def _refusal_of_provider() -> SignInRefused:
    """The provider's own words go to the log only: anybody can write them into a link."""
    code = request.args["error"]
    description = request.args.get("error_description", "")
    log.warning("OpenID Connect: the provider refused: %.100r %.300r", code, description)
    if code == "access_denied":
        detail = "You cancelled the sign-in, or the identity provider does not let you in."
        return SignInRefused(detail, "Start again, or ask the administrator there for access.")
    return SignInRefused(
        "The identity provider refused the sign-in.",
        "Tell the operator of this server: the log has the details.",
    )


def _failed(error: ProviderFault | SignInRefused, status: int | None = None) -> Response:
    page = render_template(
        "accounts/oidc_failed.html", error=error, target=local_path(request.args.get("next"))
    )
    return make_response(page, status or error.status)
