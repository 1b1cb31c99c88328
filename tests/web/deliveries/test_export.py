"""A filtered list as a file."""

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask

from app.runtime.context import runtime_of
from app.services.accounts import organizations
from app.services.deliveries.export_rows import FIELDS, cell
from app.web.deliveries import export as delivery_export
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


def test_filtered_deliveries_are_exported_as_csv(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id, name='=HYPERLINK("http://x")')
    ids = [delivery(organization.id, hook) for _ in range(2)]
    delivery(organization.id, hook, "succeeded", [(200, "ok")])
    response = owner.get("/deliveries/export.csv?status=503")
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="deliveries-')
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["id"] for row in rows] == ids[::-1]
    assert rows[0]["webhook_name"] == '\'=HYPERLINK("http://x")'
    assert rows[0]["cause"]
    assert rows[0]["last_status"] == "503"


def test_ndjson_has_the_field_names_of_the_api(owner: Visitor, organization: Any) -> None:
    delivery(organization.id, webhook(organization.id, name="=1+1"))
    response = owner.get("/deliveries/export.ndjson")
    [row] = [json.loads(line) for line in response.text.splitlines()]
    assert tuple(row) == FIELDS
    assert (row["webhook_name"], row["attempt_count"]) == ("=1+1", 1)


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_several_batches_are_one_file(
    owner: Visitor, organization: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_export, "BATCH", 2)
    hook = webhook(organization.id)
    ids = [delivery(organization.id, hook, "failed", ()) for _ in range(5)]
    text = owner.get(f"/deliveries/export.{kind}").text
    lines = [line for line in text.splitlines() if any(id_ in line for id_ in ids)]
    assert len(lines) == 5
    assert all(id_ in line for id_, line in zip(ids[::-1], lines, strict=True))


def test_an_export_holds_nothing_of_another_organization(owner: Visitor) -> None:
    other = organizations.create("Other")
    delivery(other.id, webhook(other.id))
    assert owner.get("/deliveries/export.ndjson").data == b""


def test_an_organization_runs_one_export_at_a_time(
    sqlite_app: Flask, owner: Visitor, organization: Any
) -> None:
    exports = runtime_of(sqlite_app).exports
    running = exports.acquire(organization.id)
    assert running
    assert owner.get("/deliveries/export.csv").status_code == 303
    assert "already running" in owner.get("/deliveries").text
    exports.release(running)
    assert owner.get("/deliveries/export.csv").status_code == 200
    assert exports.acquire(organization.id)


def test_an_invalid_filter_exports_nothing(owner: Visitor) -> None:
    assert owner.get("/deliveries/export.csv?status=x").location == "/deliveries?status=x"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1", "'=1"),
        ("  =1", "'  =1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        (-1, -1),
        (None, None),
        ("", ""),
    ],
)
def test_cells_are_never_formulas(value: object, written: object) -> None:
    assert cell(value) == written
