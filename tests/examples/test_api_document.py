"""docs/api.md: every command runs in a shell, in order, and prints what the document shows."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from functools import partial
from typing import Any

import requests

from tests.examples.conftest import ROOT
from tests.support.product import Product
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

# Indented blocks: a command, with lines continued by a backslash, or its output.
COMMAND = re.compile(r"(?:export|curl) (?:.*\\\n)*.*")
# The variables that a reader exports from the previous response.
EXPORTS: dict[str, Callable[[Any], str]] = {
    "ORGANIZATION": lambda response: str(response["id"]),
    "CALLBOARD_API_KEY": lambda response: str(response["key"]),
    "WEBHOOK": lambda response: str(response["id"]),
    "EVENT": lambda response: str(response["id"]),
    "DELIVERY": lambda response: str(response["deliveries"][0]["id"]),
}


def blocks(text: str) -> list[str]:
    indented = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in indented]


def names(response: str) -> set[str]:
    return set(re.findall(r'"(\w+)":', response))


def has_ended(product: Product, variables: dict[str, str]) -> bool:
    url = f"{product.url}/api/v1/deliveries/{variables['DELIVERY']}"
    response = requests.get(
        url, headers={"Authorization": f"Bearer {variables['CALLBOARD_API_KEY']}"}, timeout=10
    )
    return bool(response.json()["state"] == "succeeded")


def output_of(command: str, variables: dict[str, str]) -> str:
    """Run curl in a shell with the exported variables."""
    shell = ["bash", "-c", command.replace("curl ", "curl -sS ", 1)]
    environ = os.environ | variables
    completed = subprocess.run(shell, env=environ, capture_output=True, timeout=45, check=True)
    return completed.stdout.decode()


def test_every_command_of_the_document_prints_what_it_shows(
    product: Product, receiver: Receiver
) -> None:
    document = (ROOT / "docs/api.md").read_text().replace("http://127.0.0.1:9000", receiver.url)
    variables = {"CALLBOARD_URL": product.url, "PLATFORM_API_KEY": product.platform_key}
    response = "{}"
    for block in blocks(document):
        if block.startswith("{"):
            assert names(block) <= names(response), block
        for command in COMMAND.findall(block):
            if command.startswith("curl"):
                response = output_of(command, variables)
                is_refused = '"remedy"' in response
                assert is_refused is ("events/batch" in command), f"{command}\n{response}"
            else:
                exported = set(re.findall(r"(\w+)=", command)) & EXPORTS.keys()
                variables.update({name: EXPORTS[name](json.loads(response)) for name in exported})
            if "DELIVERY=" in command:
                eventually(partial(has_ended, product, variables))
