"""Request bodies of portal links, only for openapi.py: the rules in `domain` check them."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas import texts
from app.api.schemas.requests import Input
from app.domain.portal.links import (
    DEFAULT_SECONDS,
    MAX_LOGO_LENGTH,
    MAX_NAME_LENGTH,
    MAX_ORIGIN_LENGTH,
    MAX_ORIGINS,
    MAX_SECONDS,
    MIN_SECONDS,
    PORTAL_ROLES,
)

Label = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, pattern=texts.NAME_PATTERN)]
ImageUrl = Annotated[str, Meta(max_length=MAX_LOGO_LENGTH, pattern=r"^(https://[^\s\\]+)?$")]
Origin = Annotated[str, Meta(max_length=MAX_ORIGIN_LENGTH, pattern=r"^https?://[^\s/?#@\\]+/?$")]


class PortalLinkInput(Input, frozen=True, kw_only=True):
    expires_in: Annotated[
        Annotated[int, Meta(ge=MIN_SECONDS, le=MAX_SECONDS)] | UnsetType | None,
        Meta(description=f"Seconds. Default: {DEFAULT_SECONDS}."),
    ] = UNSET
    role: Annotated[
        str | UnsetType | None,
        Meta(description="Default: member.", extra_json_schema={"enum": [*PORTAL_ROLES, None]}),
    ] = UNSET
    visitor: Annotated[
        Label | UnsetType | None, Meta(description="The visitor's name in the audit log.")
    ] = UNSET
    brand_name: Annotated[
        Label | UnsetType | None, Meta(description="Default: the organization's name.")
    ] = UNSET
    brand_color: Annotated[
        Annotated[str, Meta(pattern=texts.COLOR_PATTERN)] | UnsetType | None,
        Meta(description="Color of the top bar, links and buttons.", examples=["#1d3fb4"]),
    ] = UNSET
    brand_logo: Annotated[
        ImageUrl | UnsetType | None,
        Meta(
            description="The https URL of an image, which visitors' browsers fetch.",
            examples=["https://example.com/logo.svg"],
        ),
    ] = UNSET
    allowed_origins: Annotated[
        Annotated[list[Origin], Meta(max_length=MAX_ORIGINS)] | UnsetType | None,
        Meta(
            description="Origins that may embed the portal in an iframe. Default: none.",
            examples=[["https://app.example.com"]],
        ),
    ] = UNSET
