"""The signed-in person's account: name, email, password, sessions."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.accounts.sessions import is_alive
from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid, RateLimited
from app.models import User, UserSession
from app.queries.accounts import users as account_queries
from app.services.accounts import users
from app.services.sign_in import first_factor, sessions
from app.web.accounts.forms import PasswordForm, ProfileForm, refused
from app.web.common.access import auth, browser_session
from app.web.common.forms import CallboardForm

blueprint = Blueprint("accounts", __name__, url_prefix="/settings/account")


@blueprint.get("")
@auth.login_required
def show() -> Response:
    return _page()


@blueprint.post("")
@auth.login_required
def save() -> Response:
    form = ProfileForm()
    if not form.validate():
        return _page(profile=form, status=422)
    try:
        users.change_profile(
            _user().id, form.email.data, form.name.data, auth.actor(), form.current.data or ""
        )
    except (Invalid, RateLimited) as error:
        return _page(profile=refused(form, error), status=422)
    flash("Account saved.", "success")
    return redirect(url_for("accounts.show"), 303)


@blueprint.post("/password")
@auth.login_required
def change_password() -> Response:
    form = PasswordForm()
    if not form.validate():
        return _page(password=form, status=422)
    try:
        user = users.change_password(
            _user().id, form.current.data or "", form.new.data, auth.actor()
        )
    except (Invalid, Conflict, RateLimited) as error:
        return _page(password=refused(form, error), status=422)
    auth.begin(user, auth.organization_id())
    flash("Password changed. You are signed out everywhere else.", "success")
    return redirect(url_for("accounts.show"), 303)


@blueprint.post("/sign-out-everywhere")
@auth.login_required
def sign_out_everywhere() -> Response:
    first_factor.out(_user().id, None, request.remote_addr)
    auth.end()
    flash("You are signed out everywhere.", "success")
    return redirect(url_for("auth.sign_in"), 303)


@blueprint.post("/sessions/<uuid:session_id>/revoke")
@auth.login_required
def revoke_session(session_id: object) -> Response:
    sessions.revoke(_user(), str(session_id), auth.actor())
    if str(session_id) == browser_session.session_id():
        auth.end()
        return redirect(url_for("auth.sign_in"), 303)
    flash("Session revoked.", "success")
    return redirect(url_for("accounts.show"), 303)


def _sessions(user: User) -> list[UserSession]:
    """Sessions that can still be used, the most recently used first."""
    now = now_ms()
    return [
        row
        for row in account_queries.user_sessions(user.id)
        if is_alive(row.created_at, row.seen_at, now, remembered=row.remembered)
    ]


def _user() -> User:
    user = auth.current_user()
    assert user is not None
    return user


def _page(
    profile: CallboardForm | None = None,
    password: CallboardForm | None = None,
    *,
    status: int = 200,
) -> Response:
    user = _user()
    page = render_template(
        "accounts/account.html",
        user=user,
        codes_left=account_queries.recovery_codes_left(user.id),
        sessions=_sessions(user),
        own_session=browser_session.session_id(),
        profile=profile or ProfileForm(None, email=user.email, name=user.name),
        password=password or PasswordForm(None),
    )
    return make_response(page, status)
