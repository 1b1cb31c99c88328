"""Reset a forgotten password: ask for a link by email, and choose a new password."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.errors import Conflict, Invalid, RateLimited, Unauthorized
from app.services.notifications import account_emails
from app.services.sign_in import password_resets, passwords
from app.web.accounts.forms import NewPasswordForm, ResetRequestForm, refused
from app.web.common.access import auth

blueprint = Blueprint("password_reset", __name__, url_prefix="/password-reset")


@blueprint.before_request
def require_passwords() -> None:
    """Forbidden where people sign in with OpenID Connect only."""
    passwords.check_enabled()


@blueprint.get("")
def show() -> Response:
    return _page(ResetRequestForm(None))


@blueprint.post("")
def send() -> Response:
    """The response is the same for every address."""
    form = ResetRequestForm()
    if not form.validate():
        return _page(form, 422)
    try:
        password_resets.request(form.email.data, request.remote_addr)
    except RateLimited as error:
        return _page(refused(form, error), 429, {"Retry-After": str(error.retry_after)})
    except (Invalid, Conflict) as error:
        return _page(refused(form, error), error.status)
    return redirect(url_for("password_reset.sent"), 303)


@blueprint.get("/sent")
def sent() -> str:
    return render_template("accounts/password_reset_sent.html")


@blueprint.get("/<token>")
def choose(token: str) -> Response:
    try:
        user = password_resets.read(token, request.remote_addr)
    except Unauthorized as error:
        return _expired(error)
    return _choice(token, user.email, NewPasswordForm(None))


@blueprint.post("/<token>")
def reset(token: str) -> Response:
    form = NewPasswordForm()
    try:
        email = password_resets.read(token, request.remote_addr).email
        if not form.validate():
            return _choice(token, email, form, 422)
        password_resets.reset(token, form.password.data, request.remote_addr)
    except Unauthorized as error:
        return _expired(error)
    except Invalid as error:
        return _choice(token, email, refused(form, error), 422)
    # The session of this browser may belong to another person.
    auth.end()
    flash("Password changed. Sign in with it.", "success")
    return redirect(url_for("auth.sign_in"), 303)


def _page(form: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    can_send = account_emails.can_send()
    page = render_template("accounts/password_reset.html", form=form, can_send=can_send)
    return make_response(page, status, headers or {})


def _choice(token: str, email: str, form: object, status: int = 200) -> Response:
    page = render_template("accounts/new_password.html", token=token, email=email, form=form)
    return make_response(page, status)


def _expired(error: Unauthorized) -> Response:
    flash(error.detail, "error")
    return redirect(url_for("password_reset.show"), 303)
