"""The product with few open files is slower, but goes on."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.product import Product
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

FILES, EVENTS = 256, 200


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Its processes may open 256 files each."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Children inherit the limits; root could raise the hard one again, so the soft one alone is
    # not enough.
    running = Product(tmp_path)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, usual[1]))
    try:
        running.spawn()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
    for process in running.processes():
        process.rlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    running.wait_until_ready(120)
    yield running
    running.stop()


@pytest.mark.long
def test_with_256_open_files_everything_is_delivered(product: Product, receiver: Receiver) -> None:
    assert all(p.rlimit(resource.RLIMIT_NOFILE)[0] <= FILES for p in product.processes())
    organization_id = product.create_organization()
    for _ in range(3):
        created = product.api(
            "POST", "/api/v1/webhooks", {"url": receiver.url, "max_in_flight": 500},
            org=organization_id,
        )  # fmt: skip
        assert created.status_code == 201
    receiver.respond(delay=0.5)
    batch = {"events": [{"type": "a.b", "payload": {}} for _ in range(EVENTS)]}
    posted = product.api("POST", "/api/v1/events/batch", batch, org=organization_id)
    assert posted.status_code == 202
    eventually(lambda: len({r.header("webhook-id") for r in receiver.requests}) == 3 * EVENTS, 120)
    assert "Traceback" not in product.output()
