"""What each request needs: the one declaration that the walk compares the product with.

A new route fails the walk until it is added here. The product declares the same with decorators
and routes; this copy is separate on purpose, so that loosening a permission takes two changes.
"""

import hashlib

from tests.security.declared_apis import APIS
from tests.security.declared_pages import PAGES

__all__ = ["APIS", "PAGES"]

# Pages that do not exist inside a portal; everything else does.
OUTSIDE_PORTALS = (
    "/settings",
    "/api-reference",
    "/guides",
    "/sign-in",
    "/sign-out",
    "/welcome",
    "/organization",
    "/invitations",
    "/password-reset",
    "/catch/",
    "/listen/",
    "/platform",
)
# Pages that exist only inside a portal.
INSIDE_PORTALS = ("/enter/", "/brand/")

# What a signed-in person may read of an API in the browser; nothing else takes the cookie.
READ_IN_A_BROWSER = frozenset({"/webhooks.json", "/webhooks/<rest:webhook_id>.json"})
# Things of one person, who is the caller "viewer": others of the organization do not see them.
OWN = {
    "/deliveries/views/<uuid:view_id>/delete": "viewer",
    "/settings/account/sessions/<uuid:session_id>/revoke": "viewer",
}
# Whoever may send these is signed out by them.
SIGNS_OUT = frozenset(
    {
        "/settings/account/sign-out-everywhere",
        "/settings/account/sessions/<uuid:session_id>/revoke",
    }
)
# Another organization may use the same name, or a filter that matches nothing of its own: passing
# and refusing are both right, as long as nothing is shown or changed.
NAMES = frozenset(
    {
        "event_type",
        "event_type_name",
        "area",
        "application_area",
        "stream_area",
        "name",
        "operation_id",
        "guide",
        "image",
    }
)
FILTERS = frozenset({"/issues/resend"})
# Forms and queries that name a thing, by rule. A value in braces is one of the scene's ids.
FIELDS = {
    "/api/v1/listeners/<listener_id>/callbacks": {"wait": "0"},
    "/issues/resend": {"webhook_id": "{webhook_id}", "cause": "status", "status": "503"},
    "/issues/acknowledge": {"webhook_id": "{webhook_id}", "cause": "status", "status": "503"},
    "/issues/reopen": {"webhook_id": "{webhook_id}", "cause": "status", "status": "503"},
    "/settings/members/<uuid:user_id>/role": {"role": "viewer"},
}
# JSON bodies, without which a request is refused before its path is looked at.
BODIES = {
    ("PUT", "/api/v1/event-types/<event_type>"): {"description": "x"},
    ("PATCH", "/api/v1/webhooks/<webhook_id>"): {"description": "x"},
    ("PUT", "/api/v1/webhooks/<webhook_id>"): {"url": "https://receiver.example.com/"},
    **{
        ("PUT", f"{prefix}/templates/<template_id>"): {
            "name": "x",
            "template": {"timeline": {}, "output": {}},
        }
        for prefix in ("/edit/v1", "/edit/stage", "/v1")
    },
    ("POST", "/api/v1/app/<app_id>/msg"): {"eventType": "a.b", "payload": {}},
    ("PATCH", "/api/v1/test-inboxes/<inbox_id>"): {"status": 500},
    ("POST", "/api/v1/listeners/<listener_id>/callbacks/<callback_id>/response"): {"status": 200},
    ("PATCH", "/api/v1/organizations/<organization_id>/members/<user_id>"): {"role": "viewer"},
    ("PATCH", "/api/v1/organizations/<organization_id>/members/<user_id>/notifications"): {
        "kinds": []
    },
    ("POST", "/api/v1/webhooks/<webhook_id>/recover"): {"since": "2020-01-01T00:00:00Z"},
    ("POST", "/api/v1/webhooks/<webhook_id>/send-missed"): {"since": "2020-01-01T00:00:00Z"},
}


def requests_of(table: dict[str, str]) -> dict[tuple[str, str], str]:
    """{(method, rule): need}"""
    needs: dict[tuple[str, str], str] = {}
    for need, text in table.items():
        for line in text.split("\n"):
            methods, _, rule = line.strip().partition(" ")
            for method in filter(None, methods.split(",")):
                assert (method, rule) not in needs, f"declared twice: {method} {rule}"
                needs[method, rule] = need
    return needs


def digest() -> str:
    """Names the list of routes with their needs, for docs/security.md."""
    needs = requests_of(PAGES) | requests_of(APIS)
    lines = [f"{method} {rule} {need}" for (method, rule), need in sorted(needs.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
