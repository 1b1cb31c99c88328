"""The frame of every page: navigation, organization switch, theme and search."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.models import User
from app.queries import issues as issue_queries
from app.queries.accounts import portal as portal_queries
from app.queries.statistics import overview as overview_queries
from app.runtime.context import runtime
from app.web.common.access import auth
from app.web.common.access.membership import SignedIn
from app.web.common.damage import damaged_of
from app.web.common.failing import known_by_rate
from app.web.portal import pages as portal

blueprint = Blueprint("shell", __name__)

THEMES = ("light", "dark")

SETTINGS = (
    "settings",
    "members",
    "api_keys",
    "notifications",
    "portal_links",
    "imports",
    "retention",
    "quotas",
    "audit",
    "accounts",
    "two_factor",
)

# Title, icon, endpoint, and the blueprints whose pages belong to the section. A section whose
# endpoint does not exist is left out.
SECTIONS = (
    ("Overview", "overview", "overview.show", ("overview", "first_steps")),
    ("Deliveries", "deliveries", "deliveries.index", ("deliveries", "attempts", "jobs")),
    ("Events", "events", "events.index", ("events", "event_types")),
    ("Webhooks", "webhooks", "webhooks.index", ("webhooks",)),
    ("Issues", "issues", "issues.index", ("issues",)),
    ("Test inbox", "test_inbox", "test_inbox.index", ("test_inbox",)),
    ("Settings", "settings", "settings.show", SETTINGS),
)


# The same for the pages of platform owners.
PLATFORM_SECTIONS = (
    ("Organizations", "members", "platform.index"),
    ("Operations", "overview", "platform.operations_page"),
    ("Platform owners", "key", "platform.owners"),
    ("Audit log", "events", "platform.audit_log"),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    title: str
    icon: str
    url: str
    current: bool
    exact: bool
    # Of what needs attention there.
    count: int = 0


@dataclass(frozen=True, slots=True)
class Shell:
    """health: green, amber or red. theme: light, dark, or "" to follow the system. visit: the
    portal visit, if this is one."""

    now: int
    theme: str
    health: str
    user: Any = None
    organization: Any = None
    organizations: tuple[Any, ...] = ()
    nav: tuple[NavItem, ...] = ()
    visit: Any = None
    # URL of the portal's: the link's own, or the uploaded one.
    logo: str | None = None
    # Private networks that webhooks may call; empty if none, and never told to portal visitors.
    private_networks: str = ""
    # Pages of platform owners, which belong to no organization.
    is_platform: bool = False
    # The user is a platform owner who has entered the organization.
    has_entered: bool = False

    @property
    def product(self) -> str:
        """The product name on the page. A portal link can set its own."""
        return (self.visit and self.visit.brand_name) or "Callboard"

    @property
    def brand_url(self) -> str | None:
        """The stylesheet with the portal's brand colour."""
        color = self.visit.brand_color if self.visit else ""
        return _url("portal.brand", color=color.removeprefix("#")) if color else None

    @property
    def sign_out_url(self) -> str | None:
        return _url("auth.sign_out")

    def switch_url(self, organization_id: str) -> str | None:
        return _url("auth.switch", organization_id=organization_id)


def _url(endpoint: str, **values: Any) -> str | None:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def shell() -> dict[str, Shell]:
    """`shell` for every template. Before sign-in there is no organization and no navigation."""
    theme = request.cookies.get("theme", "")
    theme = theme if theme in THEMES else ""
    # An error page may be about the database: render it without a query.
    if g.get("without_shell"):
        return {"shell": Shell(now_ms(), theme, "green")}
    signed_in, user = auth.current(), auth.current_user()
    if request.blueprint == "platform" and user is not None and user.is_platform_owner:
        return {"shell": _platform_shell(theme, user, signed_in)}
    if signed_in is None:
        return {"shell": Shell(now_ms(), theme, "green", user=user)}
    id_, damaged = signed_in.organization.id, damaged_of(signed_in.organization)
    health = overview_queries.health(id_, damaged, known_by_rate(id_))
    return {
        "shell": Shell(
            now=now_ms(),
            theme=theme,
            health=health,
            user=signed_in.user,
            organization=signed_in.organization,
            organizations=tuple(signed_in.organizations),
            nav=navigation(signed_in),
            visit=signed_in.visit,
            logo=_logo(signed_in.visit),
            private_networks="" if signed_in.visit else runtime().settings.private_networks_text,
            has_entered=signed_in.has_entered,
        )
    }


def _logo(visit: Any) -> str | None:
    if visit is None:
        return None
    digest = None if visit.brand_logo else portal_queries.logo_digest(visit.organization_id)
    return url_for("portal.logo", logo_id=digest) if digest else visit.brand_logo or None


def _platform_shell(theme: str, user: User, signed_in: SignedIn | None) -> Shell:
    targets = [target for _, _, target in PLATFORM_SECTIONS]
    # The pages of one organization belong to the first section.
    current = request.endpoint if request.endpoint in targets else targets[0]
    nav = tuple(
        NavItem(title, icon, url_for(target), target == current, target == request.endpoint)
        for title, icon, target in PLATFORM_SECTIONS
    )
    organizations = signed_in.organizations if signed_in else ()
    return Shell(
        now_ms(), theme, "green", user=user, organizations=organizations, nav=nav, is_platform=True
    )


def navigation(signed_in: SignedIn) -> tuple[NavItem, ...]:
    current = (request.blueprint or "").partition(".")[0]
    return tuple(
        NavItem(
            title,
            icon,
            url,
            current in blueprints,
            request.endpoint == target,
            _open_issues(signed_in.organization.id) if target == "issues.index" else 0,
        )
        for title, icon, target, blueprints in SECTIONS
        if portal.is_shown(target) and (url := _url(target)) is not None
    )


def _open_issues(organization_id: str) -> int:
    """As it was a few seconds ago at most; on the page of issues, which counted them, as it is."""
    return (
        runtime().caches.open_issues.get(
            organization_id, lambda: issue_queries.open_number(organization_id)
        )
        or 0
    )


@blueprint.post("/theme")
def theme() -> Response:
    """Store the theme in the cookie that the script sets too."""
    value = request.form.get("theme", "")
    referrer = urlsplit(request.referrer or "")
    is_ours = referrer.netloc == request.host and referrer.path.startswith("/")
    response = redirect(referrer.path if is_ours else url_for("overview.show"), 303)
    response.set_cookie(
        "theme",
        value if value in THEMES else "",
        max_age=31_536_000,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response
