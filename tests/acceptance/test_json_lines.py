"""With LOG_FORMAT=json every line of every process is one JSON object."""

import json
import signal
from pathlib import Path

import psutil
import pytest
import requests

from tests.support.product import Product
from tests.support.waiting import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

HEAD = ["time", "level", "process", "pid", "message"]


def _is_replaced(product: Product, victim: psutil.Process) -> bool:
    try:
        return product.process_of("worker.py") != victim
    except (StopIteration, psutil.NoSuchProcess):
        return False


@pytest.mark.long
def test_every_line_of_every_process_is_one_json_object(tmp_path: Path) -> None:
    product = Product(tmp_path, LOG_FORMAT="json", LOG_LEVEL="debug")
    product.start()
    try:
        requests.get(f"{product.url}/sign-in", timeout=45)
        requests.get(f"{product.url}/no-such-page?key=1", timeout=45)
        requests.post(f"{product.url}/api/v1/events", data=b"\xff", timeout=45)
        victim = product.process_of("worker.py")
        victim.kill()
        eventually(lambda: _is_replaced(product, victim))
        product.wait_until_ready()
    finally:
        product.stop(signal.SIGTERM)
    lines = [json.loads(line) for line in product.output().splitlines()]
    assert [line for line in lines if list(line)[:5] != HEAD] == []
    assert {"callboard", "web", "worker"} <= {line["process"] for line in lines}
