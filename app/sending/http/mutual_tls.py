"""Handles with certificates of one webhook: a client certificate, private authorities, or both.

libcurl reuses a connection only for requests with the same certificates. TLS sessions are not
resumed: a session carries the identity of the client certificate that it began with, and libcurl
does not tell certificates in memory apart there.
"""

from collections import OrderedDict

import pycurl

from app.domain.webhooks.credentials.certificates import ClientTls
from app.sending.http.handle import CurlHandle

# Sets of certificates whose idle handles are kept.
MAX_KEPT = 256


class SecuredHandles:
    """Idle handles by their certificates; those used last are kept."""

    def __init__(self) -> None:
        self._idle: OrderedDict[ClientTls, list[CurlHandle]] = OrderedDict()

    def handles(self, tls: ClientTls) -> list[CurlHandle]:
        """The list to take a handle from, and to return it to."""
        idle = self._idle.get(tls)
        if idle is None:
            idle = self._idle[tls] = []
            if len(self._idle) > MAX_KEPT:
                self._idle.popitem(last=False)
        else:
            self._idle.move_to_end(tls)
        return idle


def secure(handle: CurlHandle, tls: ClientTls) -> None:
    """Set the certificates of a new handle."""
    curl = handle.curl
    curl.setopt(pycurl.SSL_SESSIONID_CACHE, 0)
    if tls.certificate:
        curl.setopt(pycurl.SSLCERT_BLOB, tls.certificate)
        curl.setopt(pycurl.SSLKEY_BLOB, tls.key)
    if tls.authorities:
        curl.setopt(pycurl.CAINFO_BLOB, tls.authorities)
