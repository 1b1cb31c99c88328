"""Identify who requests a page, in which organization, and with which permissions.

The cookie is signed by Flask. It names the row of the session (`services.accounts.sessions`), the
user and the organization that they look at. In a portal (`web.portal.visits`) the portal link takes
the place of all that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.accounts.permissions import role_allows
from app.domain.common.errors import Forbidden, Unauthorized
from app.models import Organization, User
from app.queries import accounts as account_queries
from app.services.accounts.actor import Actor
from app.services.portal.links import Visit
from app.web.common import browser_session, local_paths
from app.web.portal import visits

View = TypeVar("View", bound=Callable[..., Any])

# Cached in the request's environ rather than in `g`: `g` outlives a request when a test or a
# command keeps an app context open around it.
USER, SIGNED_IN = "callboard.user", "callboard.signed_in"

NO_ORGANIZATION = "You are no longer a member of any organization. Ask an owner to invite you."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user in one of their organizations, or a portal visitor (no user) in the link's
    organization."""

    user: User | None
    organization: Organization
    role: str
    organizations: tuple[Organization, ...]
    visit: Visit | None = None

    def allows(self, permission: str) -> bool:
        return role_allows(self.role, permission)


def begin(
    user: User, organization_id: str | None = None, *, remembered: bool | None = None
) -> None:
    """Start a session; see `browser_session.begin`."""
    browser_session.begin(user, remembered=remembered)
    if organization_id is not None:
        session["organization"] = organization_id
    _clear_cache()


def end() -> None:
    browser_session.end()
    _clear_cache()


def switch(organization_id: str) -> bool:
    """Switch to another organization. False, and no change, if the user is not a member of it."""
    signed_in = current()
    is_member = signed_in is not None and any(
        organization.id == organization_id for organization in signed_in.organizations
    )
    if is_member:
        session["organization"] = organization_id
        _clear_cache()
    return is_member


def current_user() -> User | None:
    """The user, even without an organization. None for a portal visitor."""
    if USER not in request.environ:
        request.environ[USER] = _find_user()
    user: User | None = request.environ[USER]
    return user


def current() -> SignedIn | None:
    """None before sign-in and for users without an organization."""
    if SIGNED_IN not in request.environ:
        request.environ[SIGNED_IN] = _find_signed_in()
    signed_in: SignedIn | None = request.environ[SIGNED_IN]
    return signed_in


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
    return Actor("user", user.id, user.email, request.remote_addr)


def allows(permission: str) -> bool:
    """Whether the page may offer actions that need `permission`."""
    signed_in = current()
    return signed_in is not None and signed_in.allows(permission)


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
                raise Forbidden(f"Your role ({role}) does not allow this. Ask an owner.")
            return redirection or view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def _redirect_if_signed_out() -> AnyResponse | None:
    """None for users with an organization and for visitors. Forbidden without an organization."""
    if current() is not None:
        return None
    if current_user() is None:
        return to_sign_in()
    raise Forbidden(NO_ORGANIZATION)


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


def _require_current() -> SignedIn:
    signed_in = current()
    if signed_in is None:
        raise Unauthorized
    return signed_in


def _find_user() -> User | None:
    return None if visits.is_inside() else browser_session.user()


def _find_signed_in() -> SignedIn | None:
    if visits.is_inside():
        return _find_visitor()
    user = current_user()
    memberships = account_queries.memberships_of(user.id) if user else ()
    if user is None or not memberships:
        return None
    current_id = session.get("organization")
    membership, organization = next(
        (pair for pair in memberships if pair[1].id == current_id), memberships[0]
    )
    organizations = tuple(pair[1] for pair in memberships)
    return SignedIn(user, organization, membership.role, organizations)


def _find_visitor() -> SignedIn | None:
    visit = visits.current()
    organization = account_queries.organization(visit.organization_id) if visit else None
    if visit is None or organization is None:
        return None
    return SignedIn(None, organization, visit.role, (organization,), visit)


def _clear_cache() -> None:
    """Drop what this request has cached about the session."""
    request.environ.pop(USER, None)
    request.environ.pop(SIGNED_IN, None)
