"""What one attempt brought."""

from dataclasses import dataclass


@dataclass(slots=True)
class Outcome:
    """cause: `ok` when a whole answer with a final status came, whatever the status (the success
    rule is the caller's), else a code of domain.causes; `detail` has the particulars, in plain
    words and without a full stop. `status` is kept also where the answer broke off after it.

    request_head, response_head: first line and header lines, up to and with the empty line, as
    they went over the wire. response_head: only the final answer's, not that of a 1xx before it.
    response_body: its first 64 KiB at most; response_truncated: more came.
    started_at: ms since the epoch. Durations: microseconds. dns_us, connect_us, tls_us: of that
    phase alone; None: there was none, since it was not reached, or an address needed no look-up,
    or a connection was used again. first_byte_us, total_us: from the start of the attempt.
    """

    status: int | None
    cause: str
    detail: str
    request_head: bytes
    response_head: bytes | None
    response_body: bytes | None
    response_truncated: bool
    started_at: int
    dns_us: int | None
    connect_us: int | None
    tls_us: int | None
    first_byte_us: int | None
    total_us: int
    remote_address: str | None
    retry_after: str | None


def no_request(cause: str, detail: str, now: int) -> Outcome:
    """Nothing was sent, and why. now: ms since the epoch."""
    return Outcome(
        status=None,
        cause=cause,
        detail=detail,
        request_head=b"",
        response_head=None,
        response_body=None,
        response_truncated=False,
        started_at=now,
        dns_us=None,
        connect_us=None,
        tls_us=None,
        first_byte_us=None,
        total_us=0,
        remote_address=None,
        retry_after=None,
    )
