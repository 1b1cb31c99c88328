"""What the API answers about organizations, keys and the product's own health."""

from app.api.schemas.responses import Id, Shape, Time


class Organization(Shape, frozen=True):
    id: Id
    name: str
    created_at: Time


class NewApiKey(Shape, frozen=True):
    """`secret` and `key` are shown this once. key: what goes behind `Bearer` or `Token`; id and
    secret: the pair for Basic."""

    id: Id
    secret: str
    key: str
    prefix: str
    name: str
    organization_id: Id
    scopes: list[str]
    expires_at: Time | None
    created_at: Time


class ApiKey(Shape, frozen=True):
    """prefix: how its key begins. last_used_at: to the minute; null: never."""

    id: Id
    prefix: str
    name: str
    scopes: list[str]
    expires_at: Time | None
    last_used_at: Time | None
    revoked_at: Time | None
    created_at: Time


class PortalLink(Shape, frozen=True):
    """id: under which the audit log knows it. url: good until `expires_at`, any number of times."""

    id: Id
    url: str
    organization_id: Id
    role: str
    expires_at: Time


class Healthy(Shape, frozen=True):
    status: str
    version: str


class Check(Shape, frozen=True):
    ok: bool
    detail: str


class Ready(Shape, frozen=True):
    """missing: the names of the checks that failed."""

    ready: bool
    missing: list[str]
    checks: dict[str, Check]
