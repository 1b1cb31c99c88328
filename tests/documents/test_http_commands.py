"""Every `curl` of the guides is accepted by the running product, as it is written there."""

import os
import re
import subprocess
from collections.abc import Mapping
from functools import partial

import pytest

from tests.documents import collected
from tests.support.product import Product

DOCUMENTS = (
    "docs/audit-log.md",
    "docs/coming-from-asset.md",
    "docs/coming-from-encoding.md",
    "docs/coming-from-form-callback.md",
    "docs/coming-from-live-channel.md",
    "docs/coming-from-render.md",
    "docs/operating.md",
    "docs/platform.md",
    "docs/portal.md",
)


def is_run_here(document: str, command: str) -> bool:
    return document in DOCUMENTS and collected.program(command) == "curl"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_request_is_accepted(product: Product, document: str) -> None:
    organization = product.create_organization()
    path = f"/api/v1/organizations/{organization}/api-keys"
    key = product.api("POST", path, {"name": document}).json()
    environ = os.environ | {
        "CALLBOARD_URL": product.url,
        "PLATFORM_API_KEY": product.platform_key,
        "ORGANIZATION": organization,
        "CALLBOARD_API_KEY": key["key"],
        "KEY_ID": key["id"],
        "KEY_SECRET": key["secret"],
    }
    texts = {
        "http://127.0.0.1:8000": product.url,
        "https://hooks.example.com": product.url,
        "ORGANIZATION_ID": organization,
        "<template>": _template(product, key["key"]),
        "<the id>": organization,
    }
    commands = [each for each in collected.commands(document) if is_run_here(document, each)]
    assert commands
    for command in map(partial(_replaced, texts), commands):
        done = subprocess.run(
            ["bash", "-c", re.sub(r"^curl (-f )?", "curl -sS --fail-with-body ", command)],
            env=environ, capture_output=True, text=True, timeout=50, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def _replaced(texts: Mapping[str, str], command: str) -> str:
    for old, new in texts.items():
        command = command.replace(old, new)
    return command


def _template(product: Product, key: str) -> str:
    template = {"name": "T", "template": {"timeline": {"tracks": []}, "output": {"format": "mp4"}}}
    response = product.api("POST", "/edit/v1/templates", template, key=key)
    return str(response.json()["response"]["id"])
