"""What each request needs: the one declaration that the walk compares the product with.

A new route fails the walk until it is added here. The product declares the same with decorators
and routes; this copy is separate on purpose, so that loosening a permission takes two changes.
"""

# Levels besides the permissions of `app.domain.accounts.permissions`.
ANYONE = "anyone"  # by design: see OPEN in tests/habits/test_authentication.py
ACCOUNT = "account"  # a person, with or without an organization
MEMBER = "member of an organization"
PLATFORM = "platform key"
ALL_SCOPES = "all scopes"  # what the request makes may do more than a single scope
PLATFORM_OWNER = "platform owner"

PAGES = {
    ANYONE: """
        GET /static/<path:filename>
        GET /assets/<stem>-<digest>.<ending>
        GET,POST /failures
        GET,POST /failures/<path:rest>
        GET,POST /catcher
        GET,POST /catcher/<path:rest>
        POST /theme
        GET,POST /sign-in
        GET /sign-in/oidc
        GET /sign-in/oidc/callback
        GET,POST /sign-in/two-factor
        GET /sign-in/link/<token>
        POST /sign-out
        GET,POST /password-reset
        GET /password-reset/sent
        GET,POST /password-reset/<token>
        GET,POST /invitations/<token>
        GET,POST,PUT,PATCH,DELETE /catch/<token>
        GET /enter/<token>
        GET /brand/<color>.css
    """,
    ACCOUNT: """
        POST /organization/<uuid:organization_id>
        GET,POST /settings/account/two-factor
        POST /settings/account/two-factor/confirm
        POST /settings/account/two-factor/recovery-codes
        POST /settings/account/two-factor/disable
    """,
    MEMBER: """
        GET,POST /welcome
        GET,POST /settings/account
        POST /settings/account/password
        POST /settings/account/sign-out-everywhere
        POST /settings/account/sessions/<uuid:session_id>/revoke
        POST /deliveries/views
        POST /deliveries/views/<uuid:view_id>/delete
        GET /settings
        GET /settings/members
        GET,POST /settings/notifications
        POST /settings/notifications/test
        GET /settings/quotas
        GET /settings/retention
    """,
    "deliveries:read": """
        GET /
        GET /deliveries
        GET /deliveries/live
        GET /deliveries/export.csv
        GET /deliveries/export.ndjson
        GET /deliveries/<uuid:delivery_id>
        GET /deliveries/<uuid:delivery_id>/body
        GET /deliveries/<uuid:delivery_id>/attempts/<int:number>
        GET /events
        GET /events/<uuid:event_id>
        GET /event-types
        GET /event-types/<name>
        GET /issues
        GET /search
        GET /test-inbox
        GET /test-inbox/<uuid:inbox_id>
        GET /test-inbox/<uuid:inbox_id>/requests/<uuid:request_id>
        GET /webhooks
        GET /webhooks/<uuid:webhook_id>
        GET /webhooks/<uuid:webhook_id>/verify
    """,
    "events:write": """
        GET,POST /events/new
    """,
    "webhooks:manage": """
        GET,POST /event-type-new
        GET,POST /event-type-import
        GET,POST /event-types/<name>/edit
        GET,POST /event-types/<name>/delete
        POST /deliveries/<uuid:delivery_id>/reveal
        POST /test-inbox
        GET,POST /test-inbox/<uuid:inbox_id>/settings
        GET,POST /test-inbox/<uuid:inbox_id>/delete
        POST /test-inbox/<uuid:inbox_id>/clear
        GET,POST /webhooks/new
        GET,POST /webhooks/<uuid:webhook_id>/edit
        GET,POST /webhooks/<uuid:webhook_id>/delete
        GET,POST /webhooks/<uuid:webhook_id>/active
        GET,POST /webhooks/<uuid:webhook_id>/rotate-secret
        POST /webhooks/<uuid:webhook_id>/secret
        POST /webhooks/<uuid:webhook_id>/test
        POST /webhooks/<uuid:webhook_id>/pause
        POST /webhooks/<uuid:webhook_id>/resume
    """,
    "deliveries:resend": """
        POST /deliveries/<uuid:delivery_id>/resend
        POST /deliveries/<uuid:delivery_id>/cancel
        GET,POST /deliveries/resend
        GET,POST /deliveries/cancel
        GET,POST /issues/resend
        POST /issues/acknowledge
        POST /issues/reopen
        GET,POST /webhooks/<uuid:webhook_id>/recover
        GET,POST /webhooks/<uuid:webhook_id>/send-missed
    """,
    "audit:read": """
        GET /settings/audit
        GET /settings/audit/export.ndjson
    """,
    "members:manage": """
        POST /settings/members/invitations
        POST /settings/members/invitations/<uuid:invitation_id>/resend
        POST /settings/members/invitations/<uuid:invitation_id>/revoke
        POST /settings/members/<uuid:user_id>/role
        GET,POST /settings/members/<uuid:user_id>/remove
        GET,POST /settings/notifications/members/<uuid:user_id>
    """,
    "organization:manage": """
        POST /settings
        POST /settings/two-factor
        POST /settings/callback-secret
        POST /settings/callback-secret/rotate
        POST /settings/retention
        GET,POST /settings/api-keys
        GET,POST /settings/api-keys/<uuid:key_id>/revoke
        GET,POST /settings/api-keys/<uuid:key_id>/networks
        GET,POST /settings/portal
        POST /settings/portal/end
    """,
    PLATFORM_OWNER: """
        GET /platform
        GET /platform/owners
        GET /platform/audit
        POST /platform/leave
        GET,POST /platform/organizations/new
        GET /platform/organizations/<uuid:organization_id>
        POST /platform/organizations/<uuid:organization_id>/enter
        POST /platform/organizations/<uuid:organization_id>/invite
        GET,POST /platform/organizations/<uuid:organization_id>/suspend
        GET,POST /platform/organizations/<uuid:organization_id>/resume
    """,
}

# Pages that do not exist inside a portal; everything else does.
OUTSIDE_PORTALS = (
    "/settings",
    "/sign-in",
    "/sign-out",
    "/welcome",
    "/organization",
    "/invitations",
    "/password-reset",
    "/catch/",
    "/platform",
)
# Pages that exist only inside a portal.
INSIDE_PORTALS = ("/enter/", "/brand/")

APIS = {
    ANYONE: """
        GET /healthz
        GET /readyz
        GET /livez
        GET /metrics
        GET /api/v1/openapi.json
    """,
    "events:write": """
        POST /api/v1/events
        POST /api/v1/events/batch
        POST /edit/v1/render
        POST /edit/stage/render
    """,
    "deliveries:read": """
        GET /api/v1/events
        GET /api/v1/events/<event_id>
        GET /api/v1/event-types
        GET /api/v1/event-types/<event_type>
        GET /api/v1/deliveries
        GET /api/v1/deliveries/<delivery_id>
        GET /api/v1/organizations/<organization_id>/quotas
        GET /edit/v1/render/<render_id>
        GET /edit/stage/render/<render_id>
    """,
    "webhooks:manage": """
        PUT,DELETE /api/v1/event-types/<event_type>
        POST /api/v1/event-type-imports
        GET,POST /api/v1/webhooks
        GET,PATCH,PUT,DELETE /api/v1/webhooks/<webhook_id>
        POST /api/v1/webhooks/<webhook_id>/check
        POST /api/v1/webhooks/<webhook_id>/rotate-secret
        GET /api/v1/webhooks/<webhook_id>/secret
        GET /api/v1/organizations/<organization_id>/callback-secret
        DELETE /api/v1/organizations/<organization_id>/portal-links
        GET,POST /api/v1/<organization:organization_id>/webhooks
        GET,PUT,DELETE /api/v1/<organization:organization_id>/webhooks/<webhook_id>
        GET,POST /api/webhooks
        GET,PUT,PATCH,DELETE /api/webhooks/<webhook_id>
        POST /api/webhooks/check/<webhook_id>
        GET,POST /webhooks.json
        GET,PUT,PATCH,DELETE /webhooks/<rest:webhook_id>.json
        GET,POST /v1/webhook
        GET,PUT,DELETE /v1/webhook/<webhook_id>
    """,
    "deliveries:resend": """
        POST /api/v1/webhooks/<webhook_id>/recover
        POST /api/v1/webhooks/<webhook_id>/send-missed
        POST /api/v1/deliveries/<delivery_id>/resend
        POST /api/v1/deliveries/<delivery_id>/cancel
        POST /api/v1/deliveries/resend
        POST /api/v1/deliveries/cancel
    """,
    ALL_SCOPES: """
        POST /api/v1/organizations/<organization_id>/portal-links
    """,
    "audit:read": """
        GET /api/v1/audit-log
        GET /api/v1/audit-log.ndjson
    """,
    PLATFORM: """
        GET,POST /api/v1/organizations
        GET,POST /api/v1/organizations/<organization_id>/api-keys
        PATCH,DELETE /api/v1/organizations/<organization_id>/api-keys/<key_id>
        POST /api/v1/organizations/<organization_id>/callback-secret/rotate
        PATCH /api/v1/organizations/<organization_id>/quotas
    """,
}


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
NAMES = frozenset({"event_type", "name"})
FILTERS = frozenset({"/issues/resend"})
# Forms and queries that name a thing, by rule. A value in braces is one of the scene's ids.
FIELDS = {
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
