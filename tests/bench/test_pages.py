"""The bench reads pages by their addresses: they are to be found, and to hold what they should."""

from pathlib import Path

import pytest

from app.domain.common.clock import now_ms
from app.domain.deliveries.spans import window
from app.queries.statistics import counters
from bench import rows
from bench.installation import Installation, Servers
from bench.pages import SEARCHED, SERVED, Reader, names

STORED = 1_000


@pytest.fixture(scope="module")
def filled(redis_server_url: str, tmp_path_factory: pytest.TempPathFactory):
    directory: Path = tmp_path_factory.mktemp("bench")
    at = Installation("SQLite", Servers("", redis_server_url), directory)
    organization_id = at.organization()
    rows.stored(at, at.webhooks(organization_id, ["http://127.0.0.1:9/"] * 2), STORED)
    yield at, organization_id
    at.close()


def test_every_page_answers(filled):
    at, organization_id = filled
    reader, values = Reader(at, organization_id), names(at)
    for page in (*SERVED, *SEARCHED):
        assert reader.milliseconds(page.format(**values)) > 0


def test_what_is_stored_is_counted_as_the_product_counts_it(filled):
    at, organization_id = filled
    with at.app.app_context():
        found = counters.figures(organization_id, window("30d", now_ms()))
    stored = dict(at.rows("SELECT state, count(*) FROM deliveries GROUP BY state"))
    assert {state: found.of(state) for state in stored} == stored
    assert found.of("deliveries") == STORED


def test_what_is_due_joins_what_is_stored(filled):
    at, _ = filled
    ids = [row[0] for row in at.rows("SELECT id FROM webhooks")]
    rows.due(at, ids, 40, first=STORED, events=8)
    assert at.scalar("SELECT count(*) FROM due JOIN events e ON e.id = event_id") == 40
