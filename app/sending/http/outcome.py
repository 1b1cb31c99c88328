"""The outcome of an attempt."""

import msgspec


class Outcome(msgspec.Struct):
    """cause: `ok` for any complete response, whatever its status (the caller applies the success
    rule), else a key of CAUSES in domain/deliveries/causes.py. detail: a phrase without a full
    stop, may be empty. status: also set if the response broke off after the status line.

    request_head, response_head: first line and headers, including the empty line, byte for byte.
    1xx responses are left out. response_body: the first 64 KiB; response_truncated: there was more.
    started_at: ms since the epoch. Durations in microseconds. dns_us, connect_us, tls_us: of that
    phase alone; None if it was not reached or not needed (an IP address, a reused connection).
    first_byte_us, total_us: from the start of the attempt.
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


def no_response(
    cause: str,
    detail: str,
    now: int,
    *,
    head: bytes = b"",
    dns_us: int | None = None,
    total_us: int = 0,
) -> Outcome:
    """The outcome of an attempt without a response. now: ms since the epoch.

    head: the request's head, where one was composed. dns_us, total_us: microseconds.
    """
    return Outcome(
        status=None,
        cause=cause,
        detail=detail,
        request_head=head,
        response_head=None,
        response_body=None,
        response_truncated=False,
        started_at=now,
        dns_us=dns_us,
        connect_us=None,
        tls_us=None,
        first_byte_us=None,
        total_us=total_us,
        remote_address=None,
        retry_after=None,
    )
