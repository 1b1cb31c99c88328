"""Files with one event per line, sent in batches."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callboard import batches
from callboard.errors import ApiError, CallboardError
from callboard.transport import Transport

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """end: the offset of the byte behind the line, counted from the first line that was read."""

    number: int
    end: int
    event: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """After a batch was accepted. lines: up to which line everything was accepted, blank ones
    counted. end: the offset behind that line. duplicates: events that had been accepted before."""

    lines: int
    end: int
    accepted: int
    duplicates: int


class BrokenLine(CallboardError):
    """A line that is no event, or that the server refused. Neither it nor what follows was sent;
    of the lines before it, those up to the last reported progress were."""

    def __init__(self, number: int, reason: str, cause: ApiError | None = None) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number = number
        self.reason = reason
        self.cause = cause


def send(
    transport: Transport,
    lines: Iterable[bytes | str],
    *,
    key: str,
    batch_size: int = 500,
    first_line: int = 1,
) -> Iterator[Progress]:
    """Post the events of `lines`, and yield the progress after each batch.

    key: an event without an id gets `<key>.<line number>`, so that sending the same lines again
    under the same key creates nothing twice. first_line: the number of the first of `lines`.
    BrokenLine, ApiError, Unreachable: what was not reported as progress can be sent again.
    """
    if not 1 <= batch_size <= batches.MAX_BATCH:
        raise ValueError(f"batch_size must be 1 to {batches.MAX_BATCH}.")
    for batch in _batches(read(lines, key, first_line), batch_size):
        yield from _post(transport, batch)


def read(lines: Iterable[bytes | str], key: str, first_line: int = 1) -> Iterator[Line]:
    """The events of `lines`, each with an id. BrokenLine: one is no event."""
    end = 0
    for number, text in enumerate(lines, first_line):
        raw = text.encode() if isinstance(text, str) else text
        end += len(raw)
        content = raw.removeprefix(_BOM).strip() if number == 1 else raw.strip()
        if content:
            yield Line(number, end, _event(content, number, key))


def _event(content: bytes, number: int, key: str) -> bytes:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise BrokenLine(number, f"not JSON ({error})") from None
    except RecursionError:
        raise BrokenLine(number, "nested too deeply") from None
    if not isinstance(document, dict):
        raise BrokenLine(number, "not a JSON object")
    for name, kind in (("type", str), ("payload", dict)):
        if not isinstance(document.get(name), kind):
            expected = "an event type" if name == "type" else "a JSON object"
            raise BrokenLine(number, f"`{name}` must be {expected}")
    return content if "id" in document else batches.with_id(content, f"{key}.{number}")


def _batches(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    batch: list[Line] = []
    total = 0
    for line in lines:
        if batch and (len(batch) == size or total + len(line.event) > batches.MAX_BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(line)
        total += len(line.event)
    if batch:
        yield batch


def _post(transport: Transport, batch: list[Line]) -> Iterator[Progress]:
    try:
        accepted = batches.post(transport, [line.event for line in batch])
    except ApiError as error:
        if batches.is_too_many_bytes(error, len(batch)):
            middle = len(batch) // 2
            yield from _post(transport, batch[:middle])
            yield from _post(transport, batch[middle:])
            return
        index = batches.refused_index(error)
        if index is None or index >= len(batch):
            raise
        raise BrokenLine(batch[index].number, _reason(error, index), error) from error
    duplicates = sum(event["duplicate"] for event in accepted)
    yield Progress(batch[-1].number, batch[-1].end, len(accepted) - duplicates, duplicates)


def _reason(error: ApiError, index: int) -> str:
    """Without the event's place in the batch, which says nothing about the file."""
    prefix = f"events[{index}]"
    for problem in error.errors:
        if problem.field.startswith(prefix):
            name = problem.field.removeprefix(prefix).lstrip(".")
            return " ".join(
                filter(None, (f"{name}:" if name else "", problem.problem, problem.remedy))
            )
    return str(error).removeprefix(prefix).lstrip(": ")
