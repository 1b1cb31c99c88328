"""Requests for the samples of the verify page: genuine ones, and others."""

import base64
from typing import Any

from app.domain.webhooks import schemes, signing

NOW = 1_700_000_000
ID = "msg_0192f4c1-0000-7000-8000-000000000000"
# Not UTF-8, a line's end at its end, and what a shell would make something of.
BODY = b'{"a": "\xe9$(id) `x` %s"}\n\n'
OTHER = b'{"a": "\xe9$(id) `x` %s"}\n'
V1 = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
V1_BEFORE = "whsec_" + base64.b64encode(b"another secret of 32 bytes......").decode()
V1A = "whsk_" + base64.b64encode(b"a seed of thirty-two bytes, this").decode()
V1A_BEFORE = "whsk_" + base64.b64encode(b"the seed of the key before this.").decode()

Case = tuple[str, list[str], bool]


def _case(
    name: str,
    taken: bool,
    *,
    secret: str,
    signature: str,
    id_: str = ID,
    timestamp: str = str(NOW),
    now: int = NOW,
    body: bytes = BODY,
) -> Case:
    shown = signing.public_key(secret) if secret.startswith("whsk_") else secret
    encoded = base64.b64encode(body).decode()
    return name, [id_, timestamp, signature, shown, str(now), encoded], taken


def signature_cases(mine: str, before: str) -> list[Case]:
    """(name, fields for the driver, whether the request is to be taken)."""
    other_kind = V1A if mine == V1 else V1
    right, old = signing.sign([mine], ID, NOW, BODY), signing.sign([before], ID, NOW, BODY)
    empty = signing.sign([mine], ID, NOW, b"")
    wrong_kind = signing.sign([other_kind], ID, NOW, BODY)

    def case(name: str, taken: bool = False, *, signature: str = right, **other: Any) -> Case:
        return _case(name, taken, signature=signature, **{"secret": mine} | other)

    return [
        case("right", True),
        case("an empty body", True, signature=empty, body=b""),
        case("two signatures, ours last", True, signature=f"{old} {right}"),
        case("two signatures, ours first", True, signature=f"{right} {old}"),
        case("a signature of another kind beside it", True, signature=f"{wrong_kind} {right}"),
        case("five minutes old", True, now=NOW + 300),
        case("five minutes ahead", True, now=NOW - 300),
        case("too old", now=NOW + 301),
        case("too far ahead", now=NOW - 301),
        case("another body", body=OTHER),
        case("another id", id_=ID + "1"),
        case("another timestamp", timestamp=str(NOW + 1)),
        case("another secret", secret=before),
        case("only the signature of the secret before", signature=old),
        case("only a signature of another kind", signature=wrong_kind),
        case("no version", signature=right.partition(",")[2]),
        case("another version", signature="v2," + right.partition(",")[2]),
        case("a signature cut short", signature=right[:-4]),
        case("a signature that is no base64", signature=right[:6] + "*!"),
        case("an asterisk", signature="*"),
        case("no signature", signature="-"),
        case("no timestamp", timestamp="-"),
        case("no id", id_="-"),
        case("a timestamp with a sign", timestamp=f"+{NOW}"),
        case("a timestamp that is no number", timestamp="soon"),
        case("a timestamp without end", timestamp="9" * 400),
        case("a timestamp in other digits", timestamp="١٧٠٠٠٠٠٠٠٠"),
    ]


TOKEN_CASES: list[Case] = [
    ("right", ["the-token", "the-token"], True),
    ("another", ["the-tokem", "the-token"], False),
    ("a part", ["the-toke", "the-token"], False),
    ("more", ["the-token1", "the-token"], False),
    ("none", ["-", "the-token"], False),
]


def signed_at(time: Any, *secrets: str, body: bytes = BODY) -> str:
    """In the scheme `timestamped`, with a text of its own in place of the time."""
    signature = schemes.signer("timestamped", secrets or (V1,)).sign(ID, NOW, body)
    return signature.replace(f"t={NOW}", f"t={time}")


def timestamped_cases() -> list[Case]:
    right = signed_at(NOW)

    def case(name: str, taken: bool = False, *, body: bytes = BODY, **other: Any) -> Case:
        fields = {"signature": right, "secret": V1, "now": str(NOW)} | other
        return name, ["timestamped", *fields.values(), base64.b64encode(body).decode()], taken

    return [
        case("right", True),
        case("an empty body", True, signature=signed_at(NOW, body=b""), body=b""),
        case("two signatures, ours last", True, signature=signed_at(NOW, V1_BEFORE, V1)),
        case("two signatures, ours first", True, signature=signed_at(NOW, V1, V1_BEFORE)),
        case("five minutes old", True, now=str(NOW + 300)),
        case("five minutes ahead", True, now=str(NOW - 300)),
        case("too old", now=str(NOW + 301)),
        case("too far ahead", now=str(NOW - 301)),
        case("another body", body=OTHER),
        case("another timestamp", signature=signed_at(NOW + 1)),
        case("another secret", secret=V1_BEFORE),
        case("a secret without its prefix", secret=V1.removeprefix("whsec_")),
        case("only the signature of the secret before", signature=signed_at(NOW, V1_BEFORE)),
        case("another version", signature=right.replace("v1=", "v0=")),
        case("no version", signature=right.replace("v1=", "")),
        case("a signature cut short", signature=right[:-4]),
        case("more than a signature", signature=right + "="),
        case("an empty signature", signature=f"t={NOW},v1="),
        case("no timestamp", signature=right.partition(",")[2]),
        case("a timestamp with a sign", signature=signed_at(f"+{NOW}")),
        case("a timestamp that is no number", signature=signed_at("soon")),
        case("a timestamp without end", signature=signed_at("9" * 400)),
        case("a timestamp in other digits", signature=signed_at("١٧٠٠٠٠٠٠٠٠")),
        case("an asterisk", signature="*"),
        case("no signature", signature="-"),
    ]


def sha256_cases() -> list[Case]:
    def signed(secret: str = V1, body: bytes = BODY) -> str:
        return schemes.signer("sha256", [secret]).sign(ID, NOW, body)

    right = signed()

    def case(name: str, taken: bool = False, *, body: bytes = BODY, **other: str) -> Case:
        fields = {"signature": right, "secret": V1} | other
        return name, ["sha256", *fields.values(), base64.b64encode(body).decode()], taken

    return [
        case("right", True),
        case("an empty body", True, signature=signed(body=b""), body=b""),
        case("another body", body=OTHER),
        case("another secret", secret=V1_BEFORE),
        case("a secret without its prefix", secret=V1.removeprefix("whsec_")),
        case("no algorithm", signature=right.removeprefix("sha256=")),
        case("another algorithm", signature=right.replace("sha256=", "sha1=")),
        case("a signature cut short", signature=right[:-4]),
        case("more than a signature", signature=right + "0"),
        case("two signatures", signature=f"{right},{right}"),
        case("an asterisk", signature="*"),
        case("no signature", signature="-"),
    ]


CASES = {
    "v1": signature_cases(V1, V1_BEFORE),
    "v1a": signature_cases(V1A, V1A_BEFORE),
    "timestamped": timestamped_cases(),
    "sha256": sha256_cases(),
    "token": TOKEN_CASES,
}
