"""The SMTP server that email is sent through, parsed from SMTP_URL."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# Default ports.
_SUBMISSION, _RELAY, _TLS = 587, 25, 465
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MailServer:
    """tls: from the first byte. starttls: `required`, `offered` (used if the server supports it) or
    `never`. sender: the From address; None: one at this installation's host."""

    host: str
    port: int
    tls: bool
    starttls: str
    username: str | None
    password: str | None
    sender: str | None

    @property
    def name(self) -> str:
        """Host and port, without the password, for people and logs."""
        return f"{self.host}:{self.port}"


def parse_mail_server(url: str) -> MailServer:
    """Parse `smtp://user:password@host:587?from=callboard@example.com` or `smtps://`.

    A password is sent unencrypted only if the URL says `starttls=never` or the server is on this
    machine. Raises ValueError with a sentence that does not contain the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps"):
        raise ValueError("it must start with smtp:// or smtps://")
    if not parts.hostname:
        raise ValueError("the host is missing")
    if parts.path not in ("", "/"):
        raise ValueError("only ?from= and &starttls= are allowed after the host")
    options = _options(parts.query)
    username = unquote(parts.username) if parts.username else None
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=_port(parts, tls=tls, signs_in=username is not None),
        tls=tls,
        starttls=_starttls(options, parts.hostname, signs_in=username is not None),
        username=username,
        password=unquote(parts.password) if parts.password else None,
        sender=options.get("from") or (username if username and "@" in username else None),
    )


def _options(query: str) -> dict[str, str]:
    parsed = parse_qs(query, keep_blank_values=True)
    options = {name: values[-1] for name, values in parsed.items()}
    unknown = options.keys() - {"from", "starttls"}
    if unknown:
        raise ValueError(f"unknown option {min(unknown)!r}; known are from and starttls")
    sender = options.get("from", "a@b")
    if "@" not in sender or not sender.isprintable() or any(c in sender for c in ' ,;<>"'):
        raise ValueError("from must be an email address")
    return options


def _port(parts: SplitResult, *, tls: bool, signs_in: bool) -> int:
    try:
        port = parts.port
    except ValueError:
        # The original message would show part of a password that contains a slash.
        raise ValueError("invalid port; a / in a password is written %2F") from None
    if port is not None:
        return port
    if tls:
        return _TLS
    return _SUBMISSION if signs_in else _RELAY


def _starttls(options: dict[str, str], host: str, *, signs_in: bool) -> str:
    mode = options.get("starttls", "")
    if mode:
        if mode not in ("required", "offered", "never"):
            raise ValueError("starttls must be required, offered or never")
        return mode
    return "required" if signs_in and host not in _LOOPBACK else "offered"
