"""Compress pages, except where their size could tell another site about their content.

A page shows secrets or a tenant's data next to text from its URL. An attacker who can make a
browser load such a page repeatedly, and who sees the size of each response, could guess the secret
from the sizes (BREACH). So only requests of this site are compressed: Sec-Fetch-Site marks a
request that another site caused, and pages that reveal a secret are responses to POST.
"""

import gzip

from flask import Response, request

from app.runtime.context import runtime

# Smaller bodies fit in a packet anyway.
SMALLEST = 1_000
# A fifth of the size for a millisecond; higher levels take longer and save little.
LEVEL = 5
# `none`: typed, from a bookmark, or from another program.
_OWN = ("same-origin", "none")


def compress(response: Response) -> Response:
    """Compress HTML for browsers that accept gzip."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
    if not _is_safe(response):
        return response
    response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _is_safe(response: Response) -> bool:
    if request.method != "GET" or "Content-Encoding" in response.headers:
        return False
    if not request.accept_encodings["gzip"] or (response.content_length or 0) < SMALLEST:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        # Browsers omit it without https, where anyone on the way can read the page anyway.
        return not runtime().settings.public_url.startswith("https:")
    return site in _OWN
