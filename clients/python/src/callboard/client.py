"""The client of one Callboard server."""

import os
from copy import copy
from types import TracebackType
from typing import Self

import requests

from callboard.errors import CallboardError
from callboard.resources.attempts import Attempts
from callboard.resources.audit_log import AuditLog
from callboard.resources.deliveries import Deliveries
from callboard.resources.event_types import EventTypes
from callboard.resources.events import Events
from callboard.resources.jobs import Jobs
from callboard.resources.listeners import Listeners
from callboard.resources.organizations import ApiKeys, Organizations, PortalLinks
from callboard.resources.people import Invitations, Members, NotificationSettings
from callboard.resources.statistics import Figures, Issues
from callboard.resources.test_inboxes import TestInboxes
from callboard.resources.webhooks import Webhooks
from callboard.retries import RetryPolicy
from callboard.transport import Timeout, Transport


class Callboard:
    """`Callboard("https://callboard.example.com", "cb_...")`; both default to the environment's
    CALLBOARD_URL and CALLBOARD_API_KEY.

    organization: its id, needed with a platform key. timeout: seconds to connect and to wait for
    data, or a pair of both. session: your own, for proxies or certificates.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        organization: str | None = None,
        timeout: Timeout = (5.0, 30.0),
        retry_policy: RetryPolicy | None = None,
        session: requests.Session | None = None,
    ) -> None:
        transport = Transport(
            url or _from_environment("CALLBOARD_URL"),
            key or _from_environment("CALLBOARD_API_KEY"),
            organization=organization,
            timeout=timeout,
            retry_policy=retry_policy,
            session=session,
        )
        self._use(transport)

    def _use(self, transport: Transport) -> None:
        self.transport = transport
        self.events = Events(transport)
        self.webhooks = Webhooks(transport)
        self.deliveries = Deliveries(transport)
        self.attempts = Attempts(transport)
        self.event_types = EventTypes(transport)
        self.jobs = Jobs(transport)
        self.issues = Issues(transport)
        self.statistics = Figures(transport)
        self.test_inboxes = TestInboxes(transport)
        self.listeners = Listeners(transport)
        self.organizations = Organizations(transport)
        self.members = Members(transport)
        self.invitations = Invitations(transport)
        self.notifications = NotificationSettings(transport)
        self.api_keys = ApiKeys(transport)
        self.portal_links = PortalLinks(transport)
        self.audit_log = AuditLog(transport)

    def for_organization(self, organization_id: str) -> Self:
        """The same client for another organization; only with a platform key. Connections are
        shared."""
        other = copy(self)
        other._use(self.transport.for_organization(organization_id))  # noqa: SLF001
        return other

    @property
    def url(self) -> str:
        return self.transport.url

    def close(self) -> None:
        """Close idle connections."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise CallboardError(f"Set {name}, or pass it to Callboard().")
    return value
