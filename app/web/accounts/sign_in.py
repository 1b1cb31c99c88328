"""Sign in, sign out, and the first-run welcome page."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from app.domain.common.errors import Conflict, Invalid, RateLimited, Unauthorized
from app.models import User
from app.services.accounts import first_run, organizations, users
from app.services.sign_in import first_factor as sign_in_service
from app.web.accounts import second_step, switching
from app.web.accounts.forms import SignInForm, WelcomeForm, refused
from app.web.common.access import auth, browser_session
from app.web.common.local_paths import local_path

blueprint = Blueprint("auth", __name__)


@blueprint.get("/sign-in")
def sign_in() -> str | Response:
    target = local_path(request.args.get("next"))
    if auth.current() is not None or auth.locked_organization() is not None:
        return redirect(target or url_for("overview.show"), 303)
    return render_template("accounts/sign_in.html", form=SignInForm(None, next=target or ""))


@blueprint.post("/sign-in")
def check() -> Response:
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    try:
        user = sign_in_service.with_password(
            form.email.data, form.password.data, request.remote_addr
        )
    except RateLimited as error:
        return _sign_in_page(refused(form, error), 429, {"Retry-After": str(error.retry_after)})
    except Unauthorized as error:
        return _sign_in_page(refused(form, error), 422)
    return second_step.finish(user, remembered=form.remember.data, target=form.next.data)


@blueprint.get("/sign-in/link/<token>")
def link(token: str) -> Response:
    """Sign in at once. A prefetch by a browser or messenger does not use the link up."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return Response(status=204)
    try:
        user = sign_in_service.with_link(token, request.remote_addr)
    except Unauthorized as error:
        if auth.current() is not None:
            return redirect(url_for("overview.show"), 303)
        flash(error.detail, "error")
        return redirect(url_for("auth.sign_in"), 303)
    target = url_for("auth.welcome") if first_run.needs_password(user) else None
    return second_step.finish(user, remembered=False, target=target)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    user = auth.current_user()
    if user is not None:
        switching.leave()
        sign_in_service.out(user.id, browser_session.session_id(), request.remote_addr)
    auth.end()
    flash("Signed out.", "success")
    return redirect(url_for("auth.sign_in"), 303)


@blueprint.post("/organization/<uuid:organization_id>")
@auth.account_required
def switch(organization_id: object) -> Response:
    """Switch to another organization and show its overview."""
    if not switching.switch(str(organization_id)):
        abort(404)
    return redirect(url_for("overview.show"), 303)


@blueprint.get("/welcome")
@auth.login_required
def welcome() -> str | Response:
    user = _new_user()
    if user is None:
        return redirect(url_for("overview.show"), 303)
    is_placeholder = user.email == first_run.EMAIL
    values = {} if is_placeholder else {"email": user.email, "name": user.name}
    form = _welcome_form(None, organization=_organization_name(), **values)
    return render_template("accounts/welcome.html", form=form)


@blueprint.post("/welcome")
@auth.login_required
def settle() -> Response:
    user, form = _new_user(), _welcome_form()
    if user is None:
        raise Conflict("Your password is already set.")
    if not form.validate():
        return _welcome_page(form)
    try:
        if "organization" in form:
            organizations.rename(auth.organization_id(), form.organization.data, auth.actor())
        user = users.settle(
            user.id, form.email.data, form.name.data, form.password.data, auth.actor()
        )
    except (Invalid, Conflict) as error:
        return _welcome_page(refused(form, error))
    auth.begin(user, auth.organization_id())
    flash(f"Welcome, {user.name}.", "success")
    return redirect(url_for("overview.show"), 303)


def _new_user() -> User | None:
    """The signed-in person if they need a password to sign in again."""
    user = auth.current_user()
    return user if user is not None and first_run.needs_password(user) else None


def _welcome_form(*args: Any, **values: Any) -> WelcomeForm:
    form = WelcomeForm(*args, **values)
    if not auth.allows("organization:manage"):
        del form.organization
    return form


def _organization_name() -> str:
    organization = auth.current_organization()
    return organization.name if organization else ""


def _sign_in_page(form: SignInForm, status: int, headers: dict[str, str] | None = None) -> Response:
    return make_response(render_template("accounts/sign_in.html", form=form), status, headers or {})


def _welcome_page(form: WelcomeForm) -> Response:
    return make_response(render_template("accounts/welcome.html", form=form), 422)
