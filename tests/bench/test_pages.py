"""The pages that the benchmarks read exist, and the generated rows fill them."""

from pathlib import Path

import pytest

from app.domain.common.clock import now_ms
from app.domain.deliveries.spans import window
from app.queries.statistics import counters
from bench import rows
from bench.installation import Installation, Servers
from bench.pages import INDEXED, SEARCHED, Reader, names

STORED = 1_000


@pytest.fixture(scope="module")
def stored_rows(redis_server_url: str, tmp_path_factory: pytest.TempPathFactory):
    directory: Path = tmp_path_factory.mktemp("bench")
    target = Installation("SQLite", Servers("", redis_server_url), directory)
    organization_id = target.organization()
    rows.stored(target, target.webhooks(organization_id, ["http://127.0.0.1:9/"] * 2), STORED)
    yield target, organization_id
    target.close()


def test_every_page_can_be_read(stored_rows):
    target, organization_id = stored_rows
    reader, values = Reader(target.settings, organization_id), names(target)
    for page in (*INDEXED, *SEARCHED):
        assert reader.milliseconds(page.format(**values)) > 0


def test_counters_match_the_stored_rows(stored_rows):
    target, organization_id = stored_rows
    with target.app.app_context():
        figures = counters.figures(organization_id, window("30d", now_ms()))
    stored = dict(target.rows("SELECT state, count(*) FROM deliveries GROUP BY state"))
    assert {state: figures.of(state) for state in stored} == stored
    assert figures.of("deliveries") == STORED


def test_due_rows_refer_to_stored_events(stored_rows):
    target, _ = stored_rows
    ids = [row[0] for row in target.rows("SELECT id FROM webhooks")]
    rows.due(target, ids, 40, first=STORED, events=8)
    assert target.scalar("SELECT count(*) FROM due JOIN events e ON e.id = event_id") == 40
