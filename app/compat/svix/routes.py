"""/api/v1/app, event-type, auth, background-task and stats: Svix's API.

A platform key is Svix's environment token. An organization's key sees its own application only.
"""

from app.compat.common.dialect import Dialect
from app.compat.svix import (
    applications,
    attempts,
    endpoints,
    event_types,
    examples,
    messages,
    portal,
    secrets,
    statistics,
    tasks,
    unsupported,
)
from app.compat.svix.common import errors
from app.compat.svix.unsupported import APP, ENDPOINT
from app.domain.common.errors import NotFound
from app.http.bodies import FieldsBody, JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.http.routes import Route

APPS = "/api/v1/app"
EVENT_TYPES = "/api/v1/event-type"
EVENT_TYPE = f"{EVENT_TYPES}/<event_type_name>"
TASKS = "/api/v1/background-task"
AUTH = "/api/v1/auth"
MESSAGE = f"{APP}/msg/<msg_id>"
MANAGE, READ, WRITE, RESEND = (
    "webhooks:manage",
    "deliveries:read",
    "events:write",
    "deliveries:resend",
)
_FIELDS = FieldsBody()


def health(_: Request) -> Response:
    return Response(204)


_APPLICATIONS = (
    Route("GET", APPS, applications.index, READ),
    Route("POST", APPS, applications.create, PLATFORM, body=_FIELDS),
    Route("GET", APP, applications.show, READ),
    Route("PUT", APP, applications.put, PLATFORM, body=_FIELDS),
    Route("PATCH", APP, applications.patch, PLATFORM, body=_FIELDS),
    Route("DELETE", APP, applications.delete, PLATFORM),
)
_ENDPOINTS = (
    Route("GET", f"{APP}/endpoint", endpoints.index, MANAGE),
    Route("POST", f"{APP}/endpoint", endpoints.create, MANAGE, body=_FIELDS),
    Route("GET", ENDPOINT, endpoints.show, MANAGE),
    Route("PUT", ENDPOINT, endpoints.put, MANAGE, body=_FIELDS),
    Route("PATCH", ENDPOINT, endpoints.patch, MANAGE, body=_FIELDS),
    Route("DELETE", ENDPOINT, endpoints.delete, MANAGE),
    Route("GET", f"{ENDPOINT}/headers", secrets.show_headers, MANAGE),
    Route("PUT", f"{ENDPOINT}/headers", secrets.put_headers, MANAGE, body=_FIELDS),
    Route("PATCH", f"{ENDPOINT}/headers", secrets.patch_headers, MANAGE, body=_FIELDS),
    Route("GET", f"{ENDPOINT}/secret", secrets.show, MANAGE),
    Route("POST", f"{ENDPOINT}/secret/rotate", secrets.rotate, MANAGE, body=_FIELDS),
    Route("POST", f"{ENDPOINT}/send-example", examples.send, MANAGE, body=_FIELDS),
    Route("GET", f"{ENDPOINT}/stats", statistics.messages, READ),
    Route("GET", f"{ENDPOINT}/attempt-stats", statistics.attempts, READ),
    Route("POST", f"{ENDPOINT}/recover", tasks.recover, RESEND, body=_FIELDS),
    Route("POST", f"{ENDPOINT}/replay-missing", tasks.replay_missing, RESEND, body=_FIELDS),
)
_MESSAGES = (
    Route("GET", f"{APP}/msg", messages.index, READ),
    Route("POST", f"{APP}/msg", messages.create, WRITE, body=JsonBody()),
    Route("POST", f"{APP}/msg/precheck/active", messages.precheck, READ, body=_FIELDS),
    Route("GET", MESSAGE, messages.show, READ),
    Route("DELETE", f"{MESSAGE}/content", messages.expunge_content, RESEND),
    Route("GET", f"{APP}/attempt/endpoint/<endpoint_id>", attempts.by_endpoint, READ),
    Route("GET", f"{APP}/attempt/msg/<msg_id>", attempts.by_message, READ),
    Route("GET", f"{ENDPOINT}/msg", attempts.attempted_messages, READ),
    Route("GET", f"{MESSAGE}/endpoint", attempts.attempted_endpoints, READ),
    Route("GET", f"{MESSAGE}/endpoint/<endpoint_id>/attempt", attempts.by_pair, READ),
    Route("GET", f"{MESSAGE}/attempt/<attempt_id>", attempts.show, READ),
    Route("POST", f"{MESSAGE}/endpoint/<endpoint_id>/resend", attempts.resend, RESEND),
)
_OTHERS = (
    Route("GET", EVENT_TYPES, event_types.index, READ),
    Route("POST", EVENT_TYPES, event_types.create, MANAGE, body=_FIELDS),
    Route("GET", EVENT_TYPE, event_types.show, READ),
    Route("PUT", EVENT_TYPE, event_types.put, MANAGE, body=_FIELDS),
    Route("PATCH", EVENT_TYPE, event_types.patch, MANAGE, body=_FIELDS),
    Route("DELETE", EVENT_TYPE, event_types.delete, MANAGE),
    Route("POST", f"{AUTH}/app-portal-access/<app_id>", portal.create, MANAGE, body=_FIELDS),
    # The same in clients 0.x and 1.x.
    Route("POST", f"{AUTH}/dashboard-access/<app_id>", portal.create, MANAGE, body=_FIELDS),
    Route("POST", f"{AUTH}/app/<app_id>/expire-all", portal.expire_all, MANAGE, body=_FIELDS),
    Route("GET", f"{AUTH}/whoami", applications.whoami, READ),
    Route("GET", TASKS, tasks.index, READ),
    Route("GET", f"{TASKS}/<task_id>", tasks.show, READ),
    Route("PUT", "/api/v1/stats/usage/event-types", tasks.aggregate_event_types, READ),
    Route("POST", "/api/v1/stats/usage/app", tasks.aggregate_applications, READ, body=_FIELDS),
    Route("GET", "/api/v1/health", health),
)

# Those of other words are not supported at all.
_AREAS = ("app", "auth", "background-task", "event-type", "health", "stats")

DIALECT = Dialect(
    name="svix",
    unmatched=(
        "/api/v1/auth",
        "/api/v1/stats",
        *(f"/api/v1/{area}/<rest:rest>" for area in _AREAS),
    ),
    error=errors.render,
    routes=(*_APPLICATIONS, *_ENDPOINTS, *_MESSAGES, *_OTHERS, *unsupported.routes()),
    organization=applications.organization_of,
    invalid_id=NotFound,
    patterns=unsupported.PATTERNS,
    text_ids=frozenset(
        {
            "app_id",
            "application_area",
            "area",
            "attempt_id",
            "endpoint_id",
            "event_type_name",
            "msg_id",
            "stream_area",
            "task_id",
        }
    ),
)
