"""Storing the logo of an organization."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.models import PortalLogo
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.portal import logos
from tests.domain.portal.test_logos import png


def test_first_logos_that_are_uploaded_at_once_are_no_error(app: Flask, organization: Any) -> None:
    organization_id, start = organization.id, threading.Barrier(4)

    def upload(_: int) -> None:
        with app.app_context():
            start.wait(60)
            logos.store(organization_id, png(), SYSTEM)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upload, range(4)))
    assert db.session.scalar(select(func.count()).select_from(PortalLogo)) == 1
