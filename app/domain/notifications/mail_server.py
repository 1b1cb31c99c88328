"""Where mail is handed in: one URL, taken apart."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# What each scheme means when the URL names no port.
_SUBMISSION, _RELAY, _TLS = 587, 25, 465
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MailServer:
    """tls: from the first byte. starttls: `required`, `offered` (taken if the server has it) or
    `never`. sender: the address that mails come from; None: one of the installation's own host."""

    host: str
    port: int
    tls: bool
    starttls: str
    username: str | None
    password: str | None
    sender: str | None

    @property
    def name(self) -> str:
        """For people: never with the password."""
        return f"{self.host}:{self.port}"


def parse_mail_server(url: str) -> MailServer:
    """`smtp://user:password@host:587?from=callboard@example.com`, or `smtps://`. A password is
    never sent in the clear unless the URL says `starttls=never` or the server is this machine.
    ValueError, with what is wrong in words and without the password, when it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps"):
        raise ValueError("it must start with smtp:// or smtps://")
    if not parts.hostname:
        raise ValueError("it names no host")
    if parts.path not in ("", "/"):
        raise ValueError("nothing may stand behind the host but ?from= and &starttls=")
    given = _options(parts.query)
    username = unquote(parts.username) if parts.username else None
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=_port(parts, tls=tls, signs_in=username is not None),
        tls=tls,
        starttls=_starttls(given, parts.hostname, signs_in=username is not None),
        username=username,
        password=unquote(parts.password) if parts.password else None,
        sender=given.get("from") or (username if username and "@" in username else None),
    )


def _options(query: str) -> dict[str, str]:
    given = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    unknown = given.keys() - {"from", "starttls"}
    if unknown:
        raise ValueError(f"there is no option {min(unknown)!r}; there are from and starttls")
    sender = given.get("from", "a@b")
    if "@" not in sender or not sender.isprintable() or any(c in sender for c in ' ,;<>"'):
        raise ValueError("from must be an e-mail address")
    return given


def _port(parts: SplitResult, *, tls: bool, signs_in: bool) -> int:
    try:
        given = parts.port
    except ValueError:
        # Its own words would show part of a password with a slash in it.
        raise ValueError("its port is no port; a / in a password is written %2F") from None
    if given is not None:
        return given
    if tls:
        return _TLS
    return _SUBMISSION if signs_in else _RELAY


def _starttls(given: dict[str, str], host: str, *, signs_in: bool) -> str:
    wanted = given.get("starttls", "")
    if wanted:
        if wanted not in ("required", "offered", "never"):
            raise ValueError("starttls must be required, offered or never")
        return wanted
    return "required" if signs_in and host not in _LOOPBACK else "offered"
