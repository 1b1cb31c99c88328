"""Visitors who come by a portal link."""

from typing import Any

from flask import Flask

from app.domain.portal.links import check_terms
from app.services.accounts.actor import SYSTEM
from app.services.portal import links as portal
from tests.web.visitor import Visitor


def link(organization: Any, **given: Any) -> str:
    """The path of a new link."""
    made = portal.create(organization.id, check_terms(given), SYSTEM)
    return "/portal/" + made.url.partition("/portal/")[2]


def guest_of(app: Flask, organization: Any, **given: Any) -> Visitor:
    guest = Visitor(app)
    answer = guest.get(link(organization, **given))
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/portal/{organization.id}/",
    )
    return guest
