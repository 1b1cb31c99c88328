"""Store the head of a request without what nearly every head has, and without its attempt's ids.

A head is recorded byte for byte, and read so: `expanded` undoes `shortened`. Control characters,
which occur in no head, stand for the parts in `_phrases`. Those may be added to, but never changed.
"""

# In the first line of a shortened head, behind the request target, which cannot contain it.
_MARK = b"\x01"
_MARKED = b"HTTP/1.1\r\nHost: "
# In use, or reserved for more phrases. Not those that stand around sealed secrets (`sealing`).
_CODES = b"\x01\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"

Phrases = tuple[tuple[bytes, bytes], ...]


def shortened(head: bytes, delivery_id: str, number: int, webhook_id: str) -> bytes:
    """head: as it is recorded, with its secrets sealed. number: of the attempt."""
    if len(head.translate(None, _CODES)) < len(head):
        return head
    for code, phrase in _phrases(delivery_id, number, webhook_id):
        head = head.replace(phrase, code, 1)
    return head.replace(_MARKED, _MARK, 1)


def expanded(head: bytes, delivery_id: str, number: int, webhook_id: str) -> bytes:
    """Return the head as it was recorded. One that was not shortened is returned unchanged."""
    first, mark, rest = head.partition(_MARK)
    if not mark or b"\r" in first:
        return head
    for code, phrase in _phrases(delivery_id, number, webhook_id):
        rest = rest.replace(code, phrase, 1)
    return first + _MARKED + rest


def _phrases(delivery_id: str, number: int, webhook_id: str) -> Phrases:
    delivery, webhook = delivery_id.encode(), webhook_id.encode()
    return (
        (b"\x04", b"\r\nContent-Type: application/json\r\nUser-Agent: Callboard/"),
        (b"\x05", b"\r\nAccept: */*\r\nwebhook-id: msg_%b\r\nwebhook-timestamp: " % delivery),
        (b"\x06", b"\r\nwebhook-signature: v1,"),
        (b"\x07", b"\r\nX-Callboard-Event-Type: "),
        (b"\x08", b"\r\nX-Callboard-Event-Id: "),
        (
            b"\x0e",
            b"\r\nX-Callboard-Delivery-Id: %b\r\nX-Callboard-Attempt: %d"
            b"\r\nX-Callboard-Webhook-Id: %b" % (delivery, number, webhook),
        ),
    )
