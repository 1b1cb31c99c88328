"""The second step of a sign-in: a code of the authenticator app, or a recovery code."""

from typing import Any

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.errors import RateLimited, Unauthorized
from app.models import User
from app.queries.accounts import users as account_queries
from app.services.accounts import first_run
from app.services.sign_in import two_factor
from app.web.accounts.forms import CodeForm, RecoveryCodeForm, refused
from app.web.common.access import auth
from app.web.common.local_paths import local_path

blueprint = Blueprint("second_step", __name__, url_prefix="/sign-in/two-factor")

# In the signed cookie, between the two steps. It is no session: it opens no page but this one.
PENDING, PENDING_MS = "second_step", 10 * 60_000


def finish(user: User, *, remembered: bool, target: str | None = None) -> Response:
    """Sign in a user whose first factor was right, or ask for the second one. target: the
    path to open then; None for the overview."""
    if not user.has_two_factor:
        # The owner of a first run has no address of their own yet.
        auth.begin(user, remembered=remembered, is_sign_in=not first_run.needs_password(user))
        return _done(target)
    auth.end()
    session[PENDING] = {
        "user": user.id,
        # A new password or a sign-out everywhere ends this too.
        "serial": user.session_serial,
        "until": now_ms() + PENDING_MS,
        "remembered": remembered,
        "target": target,
    }
    return redirect(url_for("second_step.show"), 303)


@blueprint.get("")
def show() -> Response:
    if _pending() is None:
        return redirect(url_for("auth.sign_in"), 303)
    return _page(_form(None))


@blueprint.post("")
def check() -> Response:
    pending = _pending()
    if pending is None:
        return redirect(url_for("auth.sign_in"), 303)
    form = _form()
    if not form.validate():
        return _page(form, 422)
    try:
        user = two_factor.check(pending["user"], form.code.data or "", request.remote_addr)
    except RateLimited as error:
        return _page(refused(form, error), 429, {"Retry-After": str(error.retry_after)})
    except Unauthorized as error:
        form.code.errors = [error.detail]
        return _page(form, 422)
    auth.begin(user, remembered=pending["remembered"], is_sign_in=True)
    if _is_recovery():
        left = account_queries.recovery_codes_left(user.id)
        words = f"{left or 'No'} recovery code{'' if left == 1 else 's'} left."
        flash(f"{words} Create new ones in Your account, Two-factor authentication.", "warning")
    return _done(pending["target"])


def _pending() -> dict[str, Any] | None:
    """Who has passed the first step, at most ten minutes ago."""
    pending = session.get(PENDING)
    if not isinstance(pending, dict) or pending["until"] <= now_ms():
        return None
    user = account_queries.user(pending["user"])
    is_current = user is not None and user.session_serial == pending["serial"]
    return pending if is_current else None


def _form(*args: Any) -> CodeForm | RecoveryCodeForm:
    return RecoveryCodeForm(*args) if _is_recovery() else CodeForm(*args)


def _is_recovery() -> bool:
    return request.args.get("with") == "recovery-code"


def _done(target: str | None) -> Response:
    return redirect(local_path(target) or url_for("overview.show"), 303)


def _page(
    form: CodeForm | RecoveryCodeForm, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    page = render_template("accounts/second_step.html", form=form, is_recovery=_is_recovery())
    return make_response(page, status, headers or {})
