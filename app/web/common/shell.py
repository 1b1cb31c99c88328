"""What is around every page: navigation, the organization, the colours, the search."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.common import ids
from app.domain.common.clock import now_ms
from app.queries import webhooks
from app.queries.deliveries import listing as deliveries
from app.queries.events import listing as events
from app.queries.statistics import overview
from app.runtime.context import runtime
from app.web.common import auth
from app.web.portal import pages as portal

blueprint = Blueprint("shell", __name__)

THEMES = ("light", "dark")

SETTINGS = (
    "settings",
    "members",
    "api_keys",
    "notifications",
    "portal_links",
    "retention",
    "audit",
    "accounts",
)

# Title, icon, endpoint and the blueprints under which it is the current one. A row whose endpoint
# does not exist is left out.
SECTIONS = (
    ("Overview", "overview", "overview.show", ("overview",)),
    ("Deliveries", "deliveries", "deliveries.index", ("deliveries",)),
    ("Events", "events", "events.index", ("events", "event_types")),
    ("Webhooks", "webhooks", "webhooks.index", ("webhooks",)),
    ("Issues", "issues", "issues.index", ("issues",)),
    ("Test inbox", "test_inbox", "test_inbox.index", ("test_inbox",)),
    ("Settings", "settings", "settings.show", SETTINGS),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    title: str
    icon: str
    url: str
    current: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """health: green, amber or red. theme: light, dark or "", as the system has it."""

    now: int
    theme: str
    health: str
    user: Any = None
    organization: Any = None
    organizations: tuple[Any, ...] = ()
    nav: tuple[NavItem, ...] = ()
    # The portal visit, when this is one.
    visit: Any = None
    # Private networks that webhooks may call; empty if none, and never told to portal visitors.
    private_networks: str = ""

    @property
    def product(self) -> str:
        """What this is called on its pages: a portal bears the name of who made its link."""
        return (self.visit and self.visit.brand_name) or "Callboard"

    @property
    def brand_url(self) -> str | None:
        """The stylesheet with a portal's colour."""
        color = self.visit.brand_color if self.visit else ""
        return _url("portal.brand", color=color.removeprefix("#")) if color else None

    @property
    def sign_out_url(self) -> str | None:
        return _url("auth.sign_out")

    def switch_url(self, organization_id: str) -> str | None:
        return _url("auth.switch", organization_id=organization_id)


def _url(endpoint: str, **values: Any) -> str | None:
    exists = endpoint in current_app.view_functions
    return url_for(endpoint, **values) if exists else None


def shell() -> dict[str, Shell]:
    """For every template. Before sign-in there is no organization, and so no navigation."""
    theme = request.cookies.get("theme", "")
    theme = theme if theme in THEMES else ""
    # Who is there, the database tells, which may be what is broken.
    signed_in = None if g.get("without_shell") else auth.current()
    if signed_in is None:
        return {"shell": Shell(now_ms(), theme, "green")}
    health = overview.health(signed_in.organization.id)
    return {
        "shell": Shell(
            now=now_ms(),
            theme=theme,
            health=health,
            user=signed_in.user,
            organization=signed_in.organization,
            organizations=tuple(signed_in.organizations),
            nav=navigation(),
            visit=signed_in.visit,
            private_networks="" if signed_in.visit else runtime().settings.private_networks_text,
        )
    }


def navigation() -> tuple[NavItem, ...]:
    here, endpoint = request.blueprint or "", request.endpoint
    return tuple(
        NavItem(title, icon, url, here.partition(".")[0] in blueprints, endpoint == target)
        for title, icon, target, blueprints in SECTIONS
        if portal.is_shown(target) and (url := _url(target)) is not None
    )


@blueprint.post("/theme")
def theme() -> Response:
    """Keeps the colours in a cookie that the script sets as well."""
    chosen = request.form.get("theme", "")
    came_from = urlsplit(request.referrer or "")
    is_ours = came_from.netloc == request.host and came_from.path.startswith("/")
    back = redirect(came_from.path if is_ours else url_for("overview.show"), 303)
    value = chosen if chosen in THEMES else ""
    back.set_cookie("theme", value, max_age=31_536_000, samesite="Lax", secure=request.is_secure)
    return back


@blueprint.get("/search")
@auth.permission_required("deliveries:read")
def search() -> Response:
    """An id opens what it names; anything else narrows the list of deliveries."""
    text = request.args.get("q", "").strip()
    found = ids.canonical_id(text.removeprefix("msg_"))
    return redirect(_page_of(found) or url_for("deliveries.index", q=text or None), 303)


def _page_of(found: str | None) -> str | None:
    if found is None:
        return None
    organization_id = auth.organization_id()
    if deliveries.get(organization_id, found):
        return url_for("deliveries.show", delivery_id=found)
    if events.get(organization_id, found):
        return url_for("events.show", event_id=found)
    if webhooks.get(organization_id, found):
        return url_for("webhooks.show", webhook_id=found)
    return None
