"""Lists that fetch their pages as they are read."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar

from callboard.transport import Transport

T = TypeVar("T")
MAX_PAGE = 200


class Pages(Generic[T]):
    """A list of the API: iterate over it for its items, over `pages()` for whole pages.

    Each iteration starts from the beginning. Requests are made as items are needed.
    """

    def __init__(
        self,
        transport: Transport,
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        is_paged: bool = True,
    ) -> None:
        self._transport = transport
        self._path = path
        self._query = dict(query or {})
        if is_paged:
            self._query["limit"] = self._query.get("limit") or MAX_PAGE

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[T]]:
        """Pages may be short, or even empty, with more behind them: a search examines a limited
        number of rows at a time."""
        cursor: str | None = None
        while True:
            # No `cursor` in the first request: some lists take no such parameter.
            more = {"cursor": cursor} if cursor else {}
            document = self._transport.request("GET", self._path, query=self._query | more)
            yield document["data"]
            cursor = document.get("next_cursor")
            if cursor is None:
                return

    def first(self, count: int) -> list[T]:
        """The first `count` items, or fewer."""
        # Some lists take no `limit`, because they have a single page.
        is_paged = "limit" in self._query
        limit = {"limit": max(1, min(count, MAX_PAGE))} if is_paged else {}
        query = self._query | limit
        pages = Pages[T](self._transport, self._path, query, is_paged=is_paged)
        return list(islice(pages, count))
