"""Passwords in URLs of settings, which may name several hosts or be malformed."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

_URL = re.compile(
    r"(?P<scheme>[^:/?#]+://)(?:(?P<user>[^/?#:]*)(?P<password>:[^/?#]*)?@)?"
    r"(?P<rest>[^?#]*)(?:\?(?P<query>[^#]*))?",
)


def without_password(url: str) -> str:
    """The URL with `***` in place of its password and of its query, which may hold one."""
    match = _URL.match(url)
    if match is None or not (match["password"] or match["query"]):
        return url
    password = ":***" if match["password"] else ""
    user = f"{match['user']}{password}@" if match["user"] is not None else ""
    query = "?***" if match["query"] else ""
    return f"{match['scheme']}{user}{match['rest']}{query}"


def passwords(url: str) -> Iterator[str]:
    """Each as it is written and decoded. Those in the query have a name that ends in `password`."""
    match = _URL.match(url)
    if match is None:
        return
    if match["password"]:
        yield match["password"][1:]
        yield unquote(match["password"][1:])
    for parameter in (match["query"] or "").split("&"):
        name, _, value = parameter.partition("=")
        if name.endswith("password"):
            yield value
            yield unquote_plus(value)
