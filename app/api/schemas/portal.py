"""Request bodies of portal links, only for openapi.py: the rules in `domain` check them."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas.requests import Input
from app.domain.portal.links import PORTAL_ROLES


class PortalLinkInput(Input, frozen=True, kw_only=True):
    expires_in: Annotated[
        int | UnsetType | None,
        Meta(description="Seconds, 60 to 604800. Default: 3600."),
    ] = UNSET
    role: Annotated[
        str | UnsetType | None,
        Meta(description="Default: member.", extra_json_schema={"enum": [*PORTAL_ROLES, None]}),
    ] = UNSET
    visitor: Annotated[
        str | UnsetType | None, Meta(description="The visitor's name in the audit log.")
    ] = UNSET
    brand_name: Annotated[
        str | UnsetType | None, Meta(description="Default: the organization's name.")
    ] = UNSET
    brand_color: Annotated[
        str | UnsetType | None,
        Meta(description="Color of the top bar, links and buttons.", examples=["#1d3fb4"]),
    ] = UNSET
    brand_logo: Annotated[
        str | UnsetType | None,
        Meta(
            description="The https URL of an image, which visitors' browsers fetch.",
            examples=["https://example.com/logo.svg"],
        ),
    ] = UNSET
    allowed_origins: Annotated[
        list[str] | UnsetType | None,
        Meta(
            description="Origins that may embed the portal in an iframe. Default: none.",
            examples=[["https://app.example.com"]],
        ),
    ] = UNSET
