"""Who looks at a page, for which organization, and what they may do there.

The session is Flask's signed cookie. It names the user, the number of their sessions (a new
password raises it, which ends all older ones), and the organization that they look at. In a portal
(`web.visits`) the link by which somebody came in takes the place of all that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.accounts.permissions import role_allows
from app.domain.common.errors import Forbidden, Unauthorized
from app.models import Organization, User
from app.queries import accounts
from app.services.accounts.actor import Actor
from app.services.portal.links import Visit
from app.web.portal import visits

View = TypeVar("View", bound=Callable[..., Any])

# What was found out about a request is kept with it: `g` outlives a request where a test, or a
# command, holds an app context around it.
USER, SIGNED_IN = "callboard.user", "callboard.signed_in"

NOWHERE = "You belong to no organization any more. Ask one of its owners to invite you again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at one of their organizations; or a visitor, who has no account, at the one that a
    portal link opened."""

    user: User | None
    organization: Organization
    role: str
    organizations: tuple[Organization, ...]
    visit: Visit | None = None

    def allows(self, permission: str) -> bool:
        return role_allows(self.role, permission)


def begin(user: User, organization_id: str | None = None) -> None:
    """Start a session from nothing, so that nothing from before it counts, not even its token
    against forgery."""
    session.clear()
    session.permanent = True
    session["user"] = user.id
    session["serial"] = user.session_serial
    if organization_id is not None:
        session["organization"] = organization_id
    _forget()


def end() -> None:
    session.clear()
    _forget()


def switch(organization_id: str) -> bool:
    """Look at another organization from now on. False, and nothing changed, when the person does
    not belong to it."""
    signed_in = current()
    own = signed_in is not None and organization_id in {o.id for o in signed_in.organizations}
    if own:
        session["organization"] = organization_id
        _forget()
    return own


def current_user() -> User | None:
    """The person, also one who belongs to no organization. None for a portal's visitor."""
    if USER not in request.environ:
        request.environ[USER] = _find_user()
    found: User | None = request.environ[USER]
    return found


def current() -> SignedIn | None:
    """None before sign-in, and for whoever belongs to no organization."""
    if SIGNED_IN not in request.environ:
        request.environ[SIGNED_IN] = _find_signed_in()
    found: SignedIn | None = request.environ[SIGNED_IN]
    return found


def current_organization() -> Organization | None:
    signed_in = current()
    return signed_in.organization if signed_in else None


def organization_id() -> str:
    """Of the organization that is looked at. Unauthorized without one."""
    return _required().organization.id


def actor() -> Actor:
    """The person, or the visitor, as services and the audit log take them. Unauthorized without
    one."""
    visit = visits.current() if visits.is_inside() else None
    if visit is not None:
        return visit.actor(request.remote_addr)
    user = current_user()
    if user is None:
        raise Unauthorized
    return Actor("user", user.id, user.email, request.remote_addr)


def allows(permission: str) -> bool:
    """Whether the page may offer what needs `permission`."""
    signed_in = current()
    return signed_in is not None and signed_in.allows(permission)


def login_required(view: View) -> View:
    """For people with an account: sends to the sign-in page and back. Forbidden for whoever
    belongs to no organization, and for visitors."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_user() is None and current() is not None:
            raise Forbidden("This is for people with an account.")
        return _turned_away() or view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def permission_required(permission: str) -> Callable[[View], View]:
    """For people and visitors whose role has the permission: Forbidden for others, and the
    sign-in page for whoever is nobody yet."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            away = _turned_away()
            if away is None and not allows(permission):
                raise Forbidden(f"Your role, {_required().role}, may not do this. An owner may.")
            return away or view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def _turned_away() -> AnyResponse | None:
    """What whoever may see no page at all is answered; None for everybody else."""
    if current() is not None:
        return None
    if current_user() is None:
        return to_sign_in()
    raise Forbidden(NOWHERE)


def to_sign_in() -> AnyResponse:
    """A redirect that comes back to a page that was asked for, but repeats no form. In a portal,
    where nobody can sign in, the page that says that the visit is over."""
    if visits.is_inside():
        return visits.over()
    target = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    if request.headers.get("HX-Request"):
        # A part of a page: the whole page must go, or the sign-in form would stand inside it.
        came_from = _path_of(request.headers.get("HX-Current-URL", ""))
        url = url_for("auth.sign_in", next=came_from)
        return Response(status=401, headers={"HX-Redirect": url})
    return redirect(url_for("auth.sign_in", next=None if target == "/" else target), 303)


def local_path(target: str | None) -> str | None:
    """`target` when it is a path of this site; None for all that could lead elsewhere."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return None
    # Browsers drop tabs and line breaks, and would read `/<tab>/elsewhere` as a host.
    return target if target.isprintable() else None


def _path_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def _required() -> SignedIn:
    signed_in = current()
    if signed_in is None:
        raise Unauthorized
    return signed_in


def _find_user() -> User | None:
    if visits.is_inside():
        return None
    user_id, serial = session.get("user"), session.get("serial")
    user = accounts.user(user_id) if isinstance(user_id, str) else None
    return user if user is not None and user.session_serial == serial else None


def _find_signed_in() -> SignedIn | None:
    if visits.is_inside():
        return _find_visitor()
    user = current_user()
    places = accounts.memberships_of(user.id) if user else ()
    if user is None or not places:
        return None
    wanted = session.get("organization")
    membership, organization = next((p for p in places if p[1].id == wanted), places[0])
    return SignedIn(user, organization, membership.role, tuple(place[1] for place in places))


def _find_visitor() -> SignedIn | None:
    visit = visits.current()
    organization = accounts.organization(visit.organization_id) if visit else None
    if visit is None or organization is None:
        return None
    return SignedIn(None, organization, visit.role, (organization,), visit)


def _forget() -> None:
    """What this request has found out about the session is no longer so."""
    request.environ.pop(USER, None)
    request.environ.pop(SIGNED_IN, None)
