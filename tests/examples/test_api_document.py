"""docs/api.md from top to bottom: its commands do what it says, in a shell and in its order."""

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
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

# Indented blocks: a command, with its lines continued by a backslash, or what was printed.
COMMAND = re.compile(r"(?:export|curl) (?:.*\\\n)*.*")
# What a person copies out of the answer before, by the name under which it is exported.
COPIED: dict[str, Callable[[Any], str]] = {
    "ORGANIZATION": lambda answer: str(answer["id"]),
    "KEY": lambda answer: str(answer["key"]),
    "WEBHOOK": lambda answer: str(answer["id"]),
    "EVENT": lambda answer: str(answer["id"]),
    "DELIVERY": lambda answer: str(answer["deliveries"][0]["id"]),
}


def blocks(text: str) -> list[str]:
    indented = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in indented]


def names(answer: str) -> set[str]:
    return set(re.findall(r'"(\w+)":', answer))


def has_ended(product: Product, known: dict[str, str]) -> bool:
    url = f"{product.url}/api/v1/deliveries/{known['DELIVERY']}"
    answer = requests.get(url, headers={"Authorization": f"Bearer {known['KEY']}"}, timeout=10)
    return bool(answer.json()["state"] == "succeeded")


def printed(command: str, known: dict[str, str]) -> str:
    """By curl, in a shell with the exported names."""
    quiet = ["bash", "-c", command.replace("curl ", "curl -sS ", 1)]
    environ = os.environ | known
    done = subprocess.run(quiet, env=environ, capture_output=True, timeout=30, check=True)
    return done.stdout.decode()


def test_every_command_of_the_document_answers_as_it_says(
    product: Product, receiver: Receiver
) -> None:
    document = (ROOT / "docs/api.md").read_text().replace("http://127.0.0.1:9000", receiver.url)
    known = {"CALLBOARD": product.url, "PLATFORM_API_KEY": product.platform_key}
    answer = "{}"
    for block in blocks(document):
        if block.startswith("{"):
            assert names(block) <= names(answer), block
        for command in COMMAND.findall(block):
            if command.startswith("curl"):
                answer = printed(command, known)
                is_refused = '"problem"' in answer
                assert is_refused is ("events/batch" in command), f"{command}\n{answer}"
            else:
                copied = set(re.findall(r"(\w+)=", command)) & COPIED.keys()
                known.update({name: COPIED[name](json.loads(answer)) for name in copied})
            if "DELIVERY=" in command:
                eventually(partial(has_ended, product, known))
