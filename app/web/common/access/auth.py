"""Identify who requests a page, in which organization, and with which permissions.

The cookie is signed by Flask. It names the row of the session (`services.sign_in.sessions`), the
user and the organization that they look at. In a portal (`web.portal.visits`) the portal link takes
the place of all that.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.accounts.permissions import SCOPES, roles_with
from app.domain.common.errors import Forbidden, Suspended, Unauthorized
from app.models import Organization, User
from app.services.accounts.actor import Actor, client_agent
from app.services.accounts.api_keys import Principal
from app.web.common import local_paths
from app.web.common.access import browser_session, membership
from app.web.common.access.membership import Closed, Locked, SignedIn
from app.web.portal import visits

View = TypeVar("View", bound=Callable[..., Any])

# Cached in the request's environ rather than in `g`: `g` outlives a request when a test or a
# command keeps an app context open around it.
USER, MEMBERSHIP = "callboard.user", "callboard.membership"

NO_ORGANIZATION = "You are no longer a member of any organization. Ask an owner to invite you."


def begin(
    user: User,
    organization_id: str | None = None,
    *,
    remembered: bool | None = None,
    is_sign_in: bool = False,
) -> None:
    """Start a session; see `browser_session.begin`."""
    browser_session.begin(user, remembered=remembered, is_sign_in=is_sign_in)
    if organization_id is not None:
        session["organization"] = organization_id
    clear_cache()


def end() -> None:
    browser_session.end()
    clear_cache()


def current_user() -> User | None:
    """The user, even without an organization. None for a portal visitor."""
    if USER not in request.environ:
        request.environ[USER] = _find_user()
    user: User | None = request.environ[USER]
    return user


def current() -> SignedIn | None:
    """None before sign-in, for users without an organization or with a suspended one, and while
    `locked_organization` is not None."""
    membership_ = _membership()
    return membership_ if isinstance(membership_, SignedIn) else None


def locked_organization() -> Organization | None:
    """The organization that the user cannot open before they set up two-factor authentication."""
    membership_ = _membership()
    return membership_.organization if isinstance(membership_, Locked) else None


def current_organization() -> Organization | None:
    signed_in = current()
    return signed_in.organization if signed_in else None


def organization_id() -> str:
    """The id of the current organization. Unauthorized without one."""
    return _require_current().organization.id


def actor() -> Actor:
    """The user or portal visitor, for services and the audit log. Unauthorized if there is none."""
    visit = visits.current() if visits.is_inside() else None
    if visit is not None:
        return visit.actor(request.remote_addr)
    user = current_user()
    if user is None:
        raise Unauthorized
    # Members read in their audit log that it was none of them.
    role = " (platform owner)" if browser_session.entered_id() is not None else ""
    return Actor("user", user.id, user.email + role, request.remote_addr)


def note_agent() -> None:
    """Before a request: the audit log names the browser."""
    client_agent.set(request.headers.get("User-Agent"))


def forget_agent(_: BaseException | None) -> None:
    client_agent.set(None)


def principal() -> Principal | None:
    """The signed-in person as the APIs know callers, with the scopes of their role."""
    signed_in = current()
    if signed_in is None or signed_in.user is None:
        return None
    scopes = tuple(scope for scope in SCOPES if signed_in.allows(scope))
    user, organization = signed_in.user, signed_in.organization
    return Principal("api_key", user.id, organization.id, scopes, user.email)


def allows(permission: str) -> bool:
    """Whether the page may offer actions that need `permission`."""
    signed_in = current()
    return signed_in is not None and signed_in.allows(permission)


def account_required(view: View) -> View:
    """Require a signed-in user, also one without an organization or with a locked one: for pages
    about the account itself. Forbidden for portal visitors."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_user() is not None:
            return view(*args, **kwargs)
        if current() is not None:
            raise Forbidden("This page requires an account.")
        return to_sign_in()

    return guarded  # type: ignore[return-value]


def login_required(view: View) -> View:
    """Require an account: redirect to sign-in and back. Forbidden for portal visitors and for users
    without an organization."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_user() is None and current() is not None:
            raise Forbidden("This page requires an account.")
        return _redirect_if_signed_out() or view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def permission_required(permission: str) -> Callable[[View], View]:
    """Require a role with the permission. Others get Forbidden, or the sign-in page if they have
    not signed in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            redirection = _redirect_if_signed_out()
            if redirection is None and not allows(permission):
                role = _require_current().role
                needed = " or ".join(roles_with(permission))
                raise Forbidden(f"Your role is {role}. This requires the role {needed}.")
            return redirection or view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def _redirect_if_signed_out() -> AnyResponse | None:
    """None for users with an organization and for visitors. Forbidden without an organization."""
    if current() is not None:
        return None
    membership_, user = _membership(), current_user()
    if isinstance(membership_, Closed):
        raise suspended(membership_.organization)
    if user is None:
        return to_sign_in()
    if locked_organization() is not None:
        return _to_enrolment()
    if user.is_platform_owner:
        return redirect(url_for("platform.index"), 303)
    raise Forbidden(NO_ORGANIZATION)


def suspended(organization: Organization) -> Suspended:
    """The error that people get."""
    return Suspended(f"{organization.name} is suspended. Ask the operator of this server.")


def to_sign_in() -> AnyResponse:
    """Redirect to sign-in, and from there back to the requested page; a form is not repeated.
    Inside a portal, where there is no sign-in: the page that says that the session has expired."""
    if visits.is_inside():
        return visits.over()
    target = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    if request.headers.get("HX-Request"):
        # htmx would put the sign-in form into the page: make it load a whole page instead.
        came_from = local_paths.path_of(request.headers.get("HX-Current-URL", ""))
        url = url_for("auth.sign_in", next=came_from)
        return Response(status=401, headers={"HX-Redirect": url})
    return redirect(url_for("auth.sign_in", next=None if target == "/" else target), 303)


def _to_enrolment() -> AnyResponse:
    """Redirect to the page that sets up two-factor authentication."""
    url = url_for("two_factor.show")
    if request.headers.get("HX-Request"):
        return Response(status=403, headers={"HX-Redirect": url})
    return redirect(url, 303)


def _require_current() -> SignedIn:
    signed_in = current()
    if signed_in is None:
        raise Unauthorized
    return signed_in


def _membership() -> SignedIn | Locked | Closed | None:
    if MEMBERSHIP not in request.environ:
        request.environ[MEMBERSHIP] = _find_membership()
    membership_: SignedIn | Locked | Closed | None = request.environ[MEMBERSHIP]
    return membership_


def _find_membership() -> SignedIn | Locked | Closed | None:
    if visits.is_inside():
        return membership.of_visitor()
    user = current_user()
    return membership.of_user(user) if user else None


def _find_user() -> User | None:
    return None if visits.is_inside() else browser_session.user()


def clear_cache() -> None:
    """Drop what this request has cached about the session."""
    request.environ.pop(USER, None)
    request.environ.pop(MEMBERSHIP, None)
