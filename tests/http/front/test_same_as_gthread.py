"""Odd requests mean the same as under gunicorn's own threads. `script/fuzz_front` runs longer."""

import pytest

from tests.support.databases import SqliteTemplate
from tests.support.odd_requests import OddRequests
from tests.support.servers.two_servers import CREDENTIALS, both, difference, exchange

CONNECTIONS = 120


def test_odd_requests_get_the_responses_of_the_threads(
    sqlite_template: SqliteTemplate, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    odd = OddRequests(20261121, CREDENTIALS)
    wrong = []
    with both(tmp_path_factory.mktemp("both"), sqlite_template, redis_url) as (old, new):
        for _ in range(CONNECTIONS):
            data = odd.next()
            unlike = difference(exchange(old, data), exchange(new, data))
            if unlike is not None:
                wrong.append((unlike, data[:500]))
    assert wrong == []
