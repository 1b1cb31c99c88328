"""A webhook's headers with credentials, encrypted apart from its other headers.

Workers of the previous release know only the column `headers`. While one of them is registered,
secret headers are also stored there, in plain text; `services.maintenance.sealing` removes them
once the last one is gone.
"""

from collections.abc import Iterable, Sequence

from cryptography.fernet import InvalidToken

from app.domain.webhooks.headers import Pair, dump_pairs, parse_pairs, split
from app.models import Webhook
from app.queries import workers as worker_queries
from app.runtime.context import runtime


def headers_of(row: Webhook) -> tuple[list[Pair], list[Pair]]:
    """Public and secret headers. Secret ones that cannot be decrypted are left out."""
    return split(row.headers or (), _opened(row.secret_headers))


def has_any(row: Webhook) -> bool:
    """Whether there are secret headers, without decrypting them."""
    return row.secret_headers is not None or bool(split(row.headers or (), ())[1])


def store(
    row: Webhook, public: Iterable[Sequence[str]], secret: Iterable[Sequence[str]] | None
) -> None:
    """secret: None keeps the stored ones, except those that `public` names."""
    named = [(pair[0], pair[1]) for pair in public]
    if secret is None:
        names = {name.lower() for name, _ in named}
        secret = [pair for pair in headers_of(row)[1] if pair[0].lower() not in names]
    plain, secrets = split(named, secret)
    if secrets != _opened(row.secret_headers):
        text = dump_pairs(secrets)
        row.secret_headers = runtime().vault.seal(text) if secrets else None
    if secrets and worker_queries.is_previous_release_running():
        plain += secrets
    row.headers = [list(pair) for pair in plain]


def _opened(sealed: bytes | None) -> list[Pair]:
    if sealed is None:
        return []
    try:
        return parse_pairs(runtime().vault.open(sealed))
    except InvalidToken:
        # Encrypted with another SECRET_KEY.
        return []
