"""Forms with a file: what became of it."""

import io
from collections.abc import Callable

from werkzeug.test import TestResponse

from app.queries.accounts import portal
from app.web.jobs.imports import OrganizationImportForm
from app.web.portal.links import LogoForm
from tests.domain.portal.test_logos import png
from tests.web.forms.form_fields import Case, World, text_of


def imported(world: World) -> Case:
    line = b'{"webhook": {"url": "https://example.com/hook"}}'

    def proof(response: TestResponse, _: dict[str, list[str]]) -> None:
        text = " ".join(text_of(world.visitor.get(response.location)).split())
        for words in ("file mine.ndjson", "webhooks created enabled", "existing changed"):
            assert words in text

    unseen = ("file", "paused", "replaces")
    values = {"file": (io.BytesIO(line), "mine.ndjson")}
    return Case("/settings/import", values=values, unseen=unseen, proof=proof)


def logo(world: World) -> Case:
    def proof(_: TestResponse, __: dict[str, list[str]]) -> None:
        digest = portal.logo_digest(world.organization_id)
        assert world.visitor.get(f"/settings/portal/logo/{digest}").data == png()

    values = {"logo": (io.BytesIO(png()), "logo.png")}
    path = "/settings/portal"
    return Case(path, f"{path}/logo", values=values, unseen=("logo",), proof=proof)


UPLOADED: dict[object, Callable[[World], Case]] = {OrganizationImportForm: imported, LogoForm: logo}
