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


def test_an_upgrade_loses_no_request(own_product: Product, receiver: Receiver) -> None:
    organization_id = own_product.create_organization()
    assert own_product.api("POST", "/api/v1/webhooks", {"url": receiver.url}, org=organization_id)
    producers = Producers(own_product, organization_id).start()
    try:
        eventually(lambda: len(producers.accepted) > 20)
        before = {own_product.process_of(word).pid for word in ("gunicorn", "worker.py")}
        assert _upgrade(own_product).returncode == 0
        eventually(lambda: "Upgraded." in own_product.output(), 60)
        number = len(producers.accepted)
        eventually(lambda: len(producers.accepted) > number + 20)
    finally:
        producers.stop()
    assert not [pid for pid in before if psutil.pid_exists(pid)]
    # A machine that starts everything twice may ask a producer to come again, but never refuses it.
    assert {response.status for response in producers.answers} <= {202, 503}, own_product.output()
    received = lambda: {request.header("webhook-id") for request in receiver.requests}  # noqa: E731
    eventually(lambda: len(received()) == len(producers.accepted), 30)
    # The new processes are restarted like the old ones: by gunicorn, and gunicorn itself.
    master = own_product.process_of("gunicorn")
    for killed in (*master.children(), master):
        killed.kill()
        eventually(lambda killed=killed: not killed.is_running() and _responds(own_product), 20)
    assert "descriptor" not in own_product.output()
    assert "Broken pipe" not in own_product.output()


def test_a_new_start_replaces_a_running_one_without_refusing_a_connection(
    own_product: Product, receiver: Receiver, tmp_path: Path
) -> None:
    organization_id = own_product.create_organization()
    assert own_product.api("POST", "/api/v1/webhooks", {"url": receiver.url}, org=organization_id)
    new = Product(tmp_path, PORT=str(own_product.port), DATA_DIR=str(own_product.data_dir))
    producers = Producers(own_product, organization_id).start()
    try:
        eventually(lambda: len(producers.accepted) > 20)
        new.spawn("--replace")
        assert own_product.process is not None
        assert own_product.process.wait(90) == 0
        number = len(producers.accepted)
        eventually(lambda: len(producers.accepted) > number + 20)
        assert f"Replaced process {own_product.pid}." in new.output()
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


def test_without_a_running_product_it_says_what_to_do(own_product: Product) -> None:
    own_product.stop()
    done = _upgrade(own_product)
    assert done.returncode == 1
    assert "Start it with script/server" in done.stderr
