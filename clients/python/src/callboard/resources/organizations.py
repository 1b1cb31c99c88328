"""Organizations, their API keys and their portal links. Most of it needs a platform key."""

from collections.abc import Sequence
from typing import Unpack, cast

from callboard.models import (
    ApiKey,
    NewApiKey,
    Organization,
    PortalLink,
    QuotaLimits,
    Quotas,
    Scope,
)
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.times import Time, time_text
from callboard.transport import path_of


class Organizations(Resource):
    def list(self) -> Pages[Organization]:
        """Newest first. Needs a platform key."""
        return Pages(self._transport, "/organizations")

    def create(
        self, name: str, *, organization_id: str | None = None, uid: str | None = None
    ) -> Organization:
        """organization_id: a UUID of your choice; it makes a repeat a Conflict. uid: an id of your
        own. Needs a platform key."""
        document = {"name": name} | ({"id": organization_id} if organization_id else {})
        document |= {"uid": uid} if uid else {}
        return cast("Organization", self._transport.request("POST", "/organizations", document))

    def get(self, organization_id: str) -> Organization:
        """The key's own, or any with a platform key."""
        return cast("Organization", self._transport.get(path_of("organizations", organization_id)))

    def update(
        self, organization_id: str, *, name: str | None = None, uid: str | None = None
    ) -> Organization:
        """What is None stays as it is. Conflict: another organization has the uid. Needs a platform
        key."""
        changes = {"name": name, "uid": uid}
        document = {key: value for key, value in changes.items() if value is not None}
        path = path_of("organizations", organization_id)
        return cast("Organization", self._transport.request("PATCH", path, document))

    def require_two_factor(self, organization_id: str, *, required: bool = True) -> Organization:
        """Whether members need two-factor authentication. Needs a platform key."""
        path, document = (
            path_of("organizations", organization_id),
            {"requires_two_factor": required},
        )
        return cast("Organization", self._transport.request("PATCH", path, document))

    def index_values(self, organization_id: str, *, is_on: bool = True) -> Organization:
        """Whether new events can be found by values of their payload. Needs a platform key."""
        path = path_of("organizations", organization_id)
        document = {"indexes_values": is_on}
        return cast("Organization", self._transport.request("PATCH", path, document))

    def delete(self, organization_id: str, *, name: str) -> None:
        """With all its data, for good. name: its exact name, as confirmation. Needs a platform
        key."""
        path = path_of("organizations", organization_id)
        self._transport.request("DELETE", path, query={"confirm": name})

    def quotas(self, organization_id: str) -> Quotas:
        """How much it may have and do, and how much of that is used."""
        path = path_of("organizations", organization_id, "quotas")
        return cast("Quotas", self._transport.get(path))

    def change_quotas(self, organization_id: str, **quotas: Unpack[QuotaLimits]) -> Quotas:
        """None resets a quota to the installation's default. Needs a platform key."""
        path = path_of("organizations", organization_id, "quotas")
        response = self._transport.request("PATCH", path, quotas, repeatable=True)
        return cast("Quotas", response)

    def suspend(self, organization_id: str) -> Organization:
        """Its keys and people are refused, and its deliveries wait. Conflict: it is suspended."""
        path = path_of("organizations", organization_id, "suspend")
        return cast("Organization", self._transport.request("POST", path))

    def resume(self, organization_id: str) -> Organization:
        """Conflict: it is not suspended."""
        path = path_of("organizations", organization_id, "resume")
        return cast("Organization", self._transport.request("POST", path))

    def callback_secret(self, organization_id: str) -> str:
        """The secret that signs one-off callbacks."""
        path = path_of("organizations", organization_id, "callback-secret")
        return cast("str", self._transport.get(path)["secret"])

    def rotate_callback_secret(
        self, organization_id: str, *, overlap_seconds: int | None = None
    ) -> str:
        """The new secret; the old one signs as well during the overlap. Needs a platform key."""
        document = {} if overlap_seconds is None else {"overlap_seconds": overlap_seconds}
        path = path_of("organizations", organization_id, "callback-secret", "rotate")
        return cast("str", self._transport.request("POST", path, document)["secret"])


class ApiKeys(Resource):
    """All of it needs a platform key."""

    def list(self, organization_id: str) -> Pages[ApiKey]:
        """Newest first, revoked ones as well."""
        path = path_of("organizations", organization_id, "api-keys")
        return Pages(self._transport, path, is_paged=False)

    def create(
        self,
        organization_id: str,
        name: str,
        *,
        scopes: Sequence[Scope] | None = None,
        expires_at: Time | None = None,
        allowed_networks: Sequence[str] | None = None,
    ) -> NewApiKey:
        """scopes: None gives all of them. allowed_networks: addresses or CIDR networks from which
        it may be used. The key itself is shown this once."""
        document: dict[str, object] = {"name": name}
        if scopes is not None:
            document["scopes"] = list(scopes)
        if expires_at is not None:
            document["expires_at"] = time_text(expires_at)
        if allowed_networks is not None:
            document["allowed_networks"] = list(allowed_networks)
        path = path_of("organizations", organization_id, "api-keys")
        return cast("NewApiKey", self._transport.request("POST", path, document))

    def restrict(
        self, organization_id: str, key_id: str, allowed_networks: Sequence[str] | None
    ) -> ApiKey:
        """Set from which networks the key may be used; None for all."""
        path = path_of("organizations", organization_id, "api-keys", key_id)
        networks = None if allowed_networks is None else list(allowed_networks)
        document = {"allowed_networks": networks}
        return cast("ApiKey", self._transport.request("PATCH", path, document))

    def revoke(self, organization_id: str, key_id: str) -> None:
        path = path_of("organizations", organization_id, "api-keys", key_id)
        self._transport.request("DELETE", path)


class PortalLinks(Resource):
    """Links that open an organization's pages to a consumer without an account."""

    def create(
        self,
        organization_id: str,
        *,
        expires_in: int | None = None,
        role: str | None = None,
        visitor: str | None = None,
        brand_name: str | None = None,
        brand_color: str | None = None,
        brand_logo: str | None = None,
        allowed_origins: Sequence[str] | None = None,
    ) -> PortalLink:
        """expires_in: seconds. role: member, consumer or viewer. brand_logo: https URL of an
        image. visitor: the name in the audit log. allowed_origins: whose pages may
        show it in a frame."""
        fields = {
            "expires_in": expires_in,
            "role": role,
            "visitor": visitor,
            "brand_name": brand_name,
            "brand_color": brand_color,
            "brand_logo": brand_logo,
            "allowed_origins": None if allowed_origins is None else list(allowed_origins),
        }
        document = {name: value for name, value in fields.items() if value is not None}
        path = path_of("organizations", organization_id, "portal-links")
        return cast("PortalLink", self._transport.request("POST", path, document))

    def revoke_all(self, organization_id: str) -> None:
        """End every link created so far."""
        self._transport.request("DELETE", path_of("organizations", organization_id, "portal-links"))
