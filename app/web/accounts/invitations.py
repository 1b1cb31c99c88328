"""Accept an invitation by its link."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.errors import Conflict, Forbidden, Invalid, Unauthorized
from app.services.accounts import invitations
from app.services.accounts.invitations import Invited
from app.web.accounts.forms import AcceptForm, refused
from app.web.common.access import auth

blueprint = Blueprint("invitations", __name__)


@blueprint.get("/invitations/<token>")
def show(token: str) -> Response:
    """A form for new people; for existing accounts a button, or the way to sign in."""
    try:
        return _page(token, invitations.read(token), AcceptForm(None), 200)
    except Unauthorized as error:
        return _expired(error)


@blueprint.post("/invitations/<token>")
def accept(token: str) -> Response:
    try:
        invited = invitations.read(token)
    except Unauthorized as error:
        return _expired(error)
    if invited.has_account:
        return _join(token)
    # The signed-in person has another address: they must not create an account for this address.
    if auth.current_user() is not None:
        raise Forbidden(
            "You are signed in with another address. Sign out, then open the link again."
        )
    return _create_account(token, invited)


def _join(token: str) -> Response:
    user = auth.current_user()
    if user is None:
        return redirect(url_for("auth.sign_in", next=request.path), 303)
    organization = invitations.accept_as(token, user.id, request.remote_addr)
    auth.begin(user, organization.id)
    return _joined(organization.name)


def _create_account(token: str, invited: Invited) -> Response:
    form = AcceptForm()
    if not form.validate():
        return _page(token, invited, form, 422)
    try:
        user = invitations.accept(token, form.name.data, form.password.data, request.remote_addr)
    except (Invalid, Conflict) as error:
        return _page(token, invited, refused(form, error), 422)
    auth.begin(user, invited.organization.id)
    return _joined(invited.organization.name)


def _joined(name: str) -> Response:
    flash(f"You joined {name}.", "success")
    return redirect(url_for("overview.show"), 303)


def _page(token: str, invited: Invited, form: AcceptForm, status: int) -> Response:
    user = auth.current_user()
    page = render_template(
        "accounts/invitation.html",
        token=token,
        invited=invited,
        form=form,
        user=user,
        is_for_user=user is not None and user.email == invited.invitation.email,
    )
    return make_response(page, status)


def _expired(error: Unauthorized) -> Response:
    return make_response(
        render_template("accounts/invitation_expired.html", words=error.detail), 410
    )
