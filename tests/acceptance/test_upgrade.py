"""`script/upgrade` replaces the processes of the running product without refusing a connection."""

import os
import subprocess
from pathlib import Path

import psutil
import pytest
import requests

from tests.faults.ingest import Producers
from tests.support.product import ROOT, Product
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(200)]


def _upgrade(product: Product) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"DATA_DIR": str(product.data_dir)}
    command = [str(ROOT / "script" / "upgrade")]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_an_upgrade_loses_no_request(product: Product, receiver: Receiver) -> None:
    organization_id = product.create_organization()
    assert product.api("POST", "/api/v1/webhooks", {"url": receiver.url}, org=organization_id)
    producers = Producers(product, organization_id).start()
    said = len(product.output())
    try:
        eventually(lambda: len(producers.accepted) > 20)
        before = {product.process_of(word).pid for word in ("gunicorn", "worker.py")}
        assert _upgrade(product).returncode == 0
        eventually(lambda: "Upgraded." in product.output()[said:], 60)
        number = len(producers.accepted)
        eventually(lambda: len(producers.accepted) > number + 20)
    finally:
        producers.stop()
    assert not [pid for pid in before if psutil.pid_exists(pid)]
    # A machine that starts everything twice may ask a producer to come again, but never refuses it.
    assert {response.status for response in producers.answers} <= {202, 503}, product.output()
    received = lambda: {request.header("webhook-id") for request in receiver.requests}  # noqa: E731
    eventually(lambda: len(received()) == len(producers.accepted), 30)
    # The new processes are restarted like the old ones: by gunicorn, and gunicorn itself.
    master = product.process_of("gunicorn")
    for killed in (*master.children(), master):
        killed.kill()
        eventually(lambda killed=killed: not killed.is_running() and _responds(product), 20)
    assert "descriptor" not in product.output()[said:]
    assert "Broken pipe" not in product.output()[said:]


@pytest.mark.long
def test_a_new_start_replaces_a_running_one_without_refusing_a_connection(
    product: Product, receiver: Receiver, tmp_path: Path
) -> None:
    organization_id = product.create_organization()
    assert product.api("POST", "/api/v1/webhooks", {"url": receiver.url}, org=organization_id)
    new = Product(tmp_path, PORT=str(product.port), DATA_DIR=str(product.data_dir))
    producers = Producers(product, organization_id).start()
    try:
        eventually(lambda: len(producers.accepted) > 20)
        new.spawn("--replace")
        assert product.process is not None
        assert product.process.wait(90) == 0
        number = len(producers.accepted)
        eventually(lambda: len(producers.accepted) > number + 20)
        assert f"Replaced process {product.pid}." in new.output()
    finally:
        producers.stop()
    try:
        assert {response.status for response in producers.answers} <= {202, 503}, new.output()
        received = lambda: {r.header("webhook-id") for r in receiver.requests}  # noqa: E731
        eventually(lambda: len(received()) == len(producers.accepted), 30)
    finally:
        new.stop()


def _responds(product: Product) -> bool:
    try:
        return requests.get(f"{product.url}/healthz", timeout=2).ok
    except requests.RequestException:
        return False


def test_without_a_running_product_it_says_what_to_do(product: Product) -> None:
    product.stop()
    done = _upgrade(product)
    assert done.returncode == 1
    assert "Start it with script/server" in done.stderr
