"""`callboard replay`: recorded events as new ones, recorded callbacks to a receiver of your own."""

import base64
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import click
import requests

from callboard import batches
from callboard.batches import EventInput
from callboard.cli import inputs
from callboard.cli.output import json_option, print_json, printable
from callboard.cli.state import State, pass_state
from callboard.errors import CallboardError, Unreachable
from callboard.verification import WITHOUT_BODY, sign

EVENT_FIELDS = ("source", "ordering_key")
# Of the connection, not of the callback.
NOT_REPEATED = frozenset({"host", "content-length", "connection", "accept-encoding"})
MAX_ERROR = 200
_SPACE = re.compile(r"\s*")


@click.command()
@click.argument("file")
@click.option("--forward-to", metavar="URL", help="Where recorded callbacks are sent.")
@click.option("--secret", help="whsec_... of your receiver: signs callbacks anew.")
@click.option("--all-attempts", is_flag=True, help="Every attempt, not only the last one.")
@json_option
@pass_state
def replay(
    state: State,
    file: str,
    forward_to: str | None,
    secret: str | None,
    all_attempts: bool,
    as_json: bool,
) -> None:
    """Repeat what FILE recorded (- is standard input).

    \b
    Recorded callbacks, sent to a receiver of your own:
        callboard deliveries show ID --json > callback.json
        callboard replay callback.json --forward-to http://localhost:3000/hook --secret whsec_...
    \b
    Recorded events, posted to Callboard as new ones:
        callboard events tail --full --json --no-follow > events.ndjson
        callboard replay events.ndjson
    """
    failures = 0
    # All are read first: a broken file sends nothing.
    for number, record in list(_records(file)):
        if "attempts" in record:
            if forward_to is None:
                raise click.UsageError(f"Record {number} is a callback: give --forward-to.")
            attempts = record["attempts"] if all_attempts else record["attempts"][-1:]
            for attempt in attempts:
                failures += _forward(attempt, forward_to, secret, as_json)
        else:
            _post(state, number, record, as_json)
    if failures:
        raise CallboardError(f"Not accepted by {forward_to}: {failures} of the callbacks.")


def _records(file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """JSON objects one after the other, on one line each or indented."""
    with inputs.opened(file) as source:
        content = source.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CallboardError(f"{file} is not UTF-8.") from None
    decoder, position, number = json.JSONDecoder(), 0, 0
    while (position := _after_space(text, position)) < len(text):
        number += 1
        try:
            record, position = decoder.raw_decode(text, position)
        except ValueError as error:
            raise CallboardError(f"{file}, record {number} is not JSON: {error}") from None
        if not isinstance(record, dict) or not ({"attempts", "type"} & record.keys()):
            raise CallboardError(f"{file}, record {number} is neither an event nor a delivery.")
        yield number, record


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _post(state: State, number: int, record: dict[str, Any], as_json: bool) -> None:
    payload = record.get("payload")
    if not isinstance(payload, dict):
        raise CallboardError(f"Record {number} has no payload. Record events with --full.")
    event = EventInput(type=record["type"], payload=payload, id=batches.new_id())
    event |= {name: record[name] for name in EVENT_FIELDS if record.get(name)}  # type: ignore[typeddict-item]
    [accepted] = state.client.events.create_batch([event])
    if as_json:
        print_json(accepted)
    else:
        click.echo(f"{accepted['id']}  {accepted['type']}  from {record.get('id', number)}")


def _forward(attempt: dict[str, Any], url: str, secret: str | None, as_json: bool) -> bool:
    """Send what one attempt sent; whether the receiver did not accept it."""
    request = attempt["request"]
    if request["body"] is None:
        raise CallboardError("The request's body was not recorded: its payload has expired.")
    body = _bytes(request["body"])
    method, target, _ = request["request_line"].split(" ", 2)
    headers = {
        header["name"]: header["value"]
        for header in request["headers"]
        if header["name"].lower() not in NOT_REPEATED
    }
    query = urlsplit(target).query
    if secret is not None:
        content = query.encode() if method in WITHOUT_BODY else body
        headers = _signed(headers, secret, content)
    parts = urlsplit(url)
    if query:
        parts = parts._replace(query=query)
    started = time.monotonic()
    try:
        response = requests.request(
            method, urlunsplit(parts), data=body, headers=headers, timeout=30, allow_redirects=False
        )
    except requests.RequestException as error:
        if isinstance(error, ValueError):
            raise click.UsageError(f"--forward-to: {error}") from None
        reason = "did not respond in time" if isinstance(error, requests.Timeout) else "not reached"
        raise Unreachable(f"{url}: {reason}. Check that the receiver runs.") from error
    elapsed = (time.monotonic() - started) * 1000
    _report(headers, response, elapsed, as_json)
    return not response.ok


def _signed(headers: dict[str, str], secret: str, content: bytes) -> dict[str, str]:
    by_name = {name.lower(): value for name, value in headers.items()}
    message_id, now = by_name.get("webhook-id", "msg_replay"), int(time.time())
    try:
        signature = sign(secret, message_id, now, content)
    except ValueError as error:
        raise click.UsageError(f"--secret: {error}") from None
    rest = {name: value for name, value in headers.items() if not _is_of_signature(name)}
    return rest | {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature,
    }


def _is_of_signature(name: str) -> bool:
    return name.lower() in ("webhook-id", "webhook-timestamp", "webhook-signature")


def _bytes(body: dict[str, Any]) -> bytes:
    text: str = body["text"]
    return base64.b64decode(text) if body["encoding"] == "base64" else text.encode()


def _report(
    headers: dict[str, str], response: requests.Response, elapsed: float, as_json: bool
) -> None:
    by_name = {name.lower(): value for name, value in headers.items()}
    message_id = by_name.get("webhook-id")
    if as_json:
        print_json({"webhook_id": message_id, "status": response.status_code, "ms": elapsed})
        return
    color = "green" if response.ok else "red"
    status = click.style(str(response.status_code), fg=color)
    click.echo(f"{status}  {message_id or '-'}  {elapsed:.0f} ms")
    if not response.ok and response.text:
        click.echo(f"     {printable(response.text[:MAX_ERROR])}")
