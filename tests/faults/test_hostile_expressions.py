"""One organization's hostile expressions, beside another's event, on the running product."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.domain.hostile import HOSTILE, payload
from tests.support.product import Product
from tests.support.servers.receiver import Receiver

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

# Of the product's processes together, beyond what they had before.
_MAX_GROWTH = 400 << 20
# Expressions that run for as long as their budget lets them, each on a payload of almost 1 MiB.
_FILTERS = [HOSTILE["filters"], "to_string(payload)", "payload.numbers[*].[@, @, @]"]


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    running = Product(tmp_path)
    running.start()
    yield running
    running.stop()


class _Flood:
    """Another organization's producers, which post events for hostile webhooks all the time."""

    def __init__(self, product: Product, organization_id: str, content: bytes) -> None:
        self._product, self._organization_id, self._content = product, organization_id, content
        self._is_stopped = threading.Event()
        self.statuses: list[int] = []
        self._threads = [threading.Thread(target=self._run) for _ in range(4)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        content = b'{"type":"a.b","payload":%b}' % self._content
        while not self._is_stopped.is_set():
            response = self._product.api(
                "POST",
                "/api/v1/events",
                org=self._organization_id,
                data=content,
                headers={"Content-Type": "application/json"},
            )
            self.statuses.append(response.status_code)

    def stop(self) -> None:
        self._is_stopped.set()
        for thread in self._threads:
            thread.join()


def _memory(product: Product) -> int:
    total = 0
    for process in product.processes():
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _posted(product: Product, organization_id: str, receiver: Receiver) -> float:
    """Seconds until an event was accepted and received."""
    number, began = len(receiver.requests), time.monotonic()
    event = {"type": "a.b", "payload": {"number": number}}
    assert product.api("POST", "/api/v1/events", event, org=organization_id).ok
    receiver.wait_for(number + 1)
    return time.monotonic() - began


@pytest.mark.long
def test_hostile_expressions_delay_no_other_organization(
    product: Product, receiver: Receiver
) -> None:
    hostile, other = (product.create_organization(name) for name in ("Hostile", "Other"))
    for number, expression in enumerate(_FILTERS * 3):
        document = {"url": receiver.url, "filter": f"{expression} | [{number}]"}
        created = product.api("POST", "/api/v1/webhooks", document, org=hostile)
        assert created.status_code == 201, created.text
    body = {"url": receiver.url, "body_format": "custom", "body_expression": HOSTILE["filters"]}
    assert product.api("POST", "/api/v1/webhooks", body, org=hostile).status_code == 201
    assert product.api("POST", "/api/v1/webhooks", {"url": receiver.url}, org=other).ok
    # What a busy machine takes without them.
    usual = max(_posted(product, other, receiver) for _ in range(5))
    before = peak = _memory(product)
    flood = _Flood(product, hostile, payload("numbers"))
    slowest = 0.0
    try:
        for _ in range(20):
            slowest = max(slowest, _posted(product, other, receiver))
            peak = max(peak, _memory(product))
    finally:
        flood.stop()
    assert slowest - usual < 4.0
    assert peak - before < _MAX_GROWTH
    # Accepted, or asked to come again; never an error.
    assert {status // 100 for status in flood.statuses} - {2} <= {5}
    assert set(flood.statuses) - {503} != set()
    assert 500 not in flood.statuses
