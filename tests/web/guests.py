"""Visitors who come by a portal link."""

from typing import Any

from flask import Flask

from app.domain.portal.links import check_terms
from app.services.accounts.actor import SYSTEM
from app.services.portal import links as portal
from tests.web.visitor import Visitor


def link(organization: Any, **terms: Any) -> str:
    """The path of a new link."""
    created = portal.create(organization.id, check_terms(terms), SYSTEM)
    return "/portal/" + created.url.partition("/portal/")[2]


def guest_of(app: Flask, organization: Any, **terms: Any) -> Visitor:
    guest = Visitor(app)
    response = guest.get(link(organization, **terms))
    assert (response.status_code, response.headers["Location"]) == (
        303,
        f"/portal/{organization.id}/",
    )
    return guest
