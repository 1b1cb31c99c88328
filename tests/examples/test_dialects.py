"""The commands in the documents of the dialects print the documented output."""

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.examples.conftest import ROOT
from tests.support.product import Product
from tests.support.servers.raw_receiver import Connection, RawReceiver
from tests.support.servers.receiver import Receiver

DIALECTS = ROOT / "examples/dialects"
# Values that differ in each run, and their placeholders.
CHANGING = [
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<time>"),
    (r"http://127\.0\.0\.1:\d+", "<receiver>"),
]


def normalize(text: str) -> str:
    for pattern, name in CHANGING:
        text = re.sub(pattern, name, text)
    return text.strip()


@pytest.fixture
def silent() -> Iterator[RawReceiver]:
    """Reads each request and never responds, like the example server of the form callback."""

    def handle(connection: Connection) -> None:
        connection.read_request()

    receiver = RawReceiver(handle)
    yield receiver
    receiver.close()


@pytest.mark.parametrize(
    "dialect", ["form_callback", "live_channel", "asset", "render", "encoding"]
)
def test_the_commands_print_the_documented_output(
    product: Product, receiver: Receiver, silent: RawReceiver, dialect: str
) -> None:
    organization = product.create_organization()
    path = f"/api/v1/organizations/{organization}/api-keys"
    key = product.api("POST", path, {"name": dialect}).json()
    environ = {
        "CALLBOARD": product.url,
        "RECEIVER": silent.url if dialect == "form_callback" else receiver.url,
        "ORGANIZATION": organization,
        "KEY": key["key"],
        "KEY_ID": key["id"],
        "KEY_SECRET": key["secret"],
    }
    done = subprocess.run(
        ["sh", DIALECTS / f"{dialect}.sh"],
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=170,
        check=False,
    )
    documented = (DIALECTS / f"{dialect}.txt").read_text()
    assert normalize(done.stdout.decode()) == normalize(documented)
