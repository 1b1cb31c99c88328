"""What each request of an API needs: see `declared`."""

from tests.security.levels import ALL_SCOPES, ANYONE, PLATFORM

APIS = {
    ANYONE: """
        GET /healthz
        GET /readyz
        GET /livez
        GET /metrics
        GET /api/v1/openapi.json
        POST /api/auth/login
        GET /api/v1/health
    """,
    "events:write": """
        POST /api/v1/events
        POST /api/v1/events/batch
        POST /edit/v1/render
        POST /edit/stage/render
        POST /v1/render
        POST /api/v1/app/<app_id>/msg
    """,
    "deliveries:read": """
        GET /api/v1/events
        GET /api/v1/events/<event_id>
        GET /api/v1/event-types
        GET /api/v1/event-types/<event_type>
        GET /api/v1/deliveries
        GET /api/v1/statistics
        GET /api/v1/issues
        GET /api/v1/organizations/<organization_id>
        GET /api/v1/jobs
        GET /api/v1/jobs/<job_id>
        GET /api/v1/deliveries/<delivery_id>
        GET /api/v1/organizations/<organization_id>/quotas
        GET /edit/v1/render/<render_id>
        GET /edit/stage/render/<render_id>
        GET /v1/render/<render_id>
        GET /api/v1/app
        GET /api/v1/app/<app_id>
        GET /api/v1/app/<app_id>/msg
        POST /api/v1/app/<app_id>/msg/precheck/active
        GET /api/v1/app/<app_id>/msg/<msg_id>
        GET /api/v1/app/<app_id>/msg/<msg_id>/endpoint
        GET /api/v1/app/<app_id>/msg/<msg_id>/attempt/<attempt_id>
        GET /api/v1/app/<app_id>/attempt/endpoint/<endpoint_id>
        GET /api/v1/app/<app_id>/attempt/msg/<msg_id>
        GET /api/v1/app/<app_id>/endpoint/<endpoint_id>/msg
        GET /api/v1/app/<app_id>/endpoint/<endpoint_id>/stats
        GET /api/v1/app/<app_id>/endpoint/<endpoint_id>/attempt-stats
        GET /api/v1/event-type
        GET /api/v1/event-type/<event_type_name>
        GET /api/v1/background-task
        GET /api/v1/background-task/<task_id>
        PUT /api/v1/stats/usage/event-types
        POST /api/v1/stats/usage/app
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
        GET,POST /api/v1/app/<app_id>/endpoint
        GET,PUT,PATCH,DELETE /api/v1/app/<app_id>/endpoint/<endpoint_id>
        GET,PUT,PATCH /api/v1/app/<app_id>/endpoint/<endpoint_id>/headers
        GET /api/v1/app/<app_id>/endpoint/<endpoint_id>/secret
        POST /api/v1/app/<app_id>/endpoint/<endpoint_id>/secret/rotate
        POST /api/v1/app/<app_id>/endpoint/<endpoint_id>/send-example
        POST /api/v1/event-type
        PUT,PATCH,DELETE /api/v1/event-type/<event_type_name>
        POST /api/v1/auth/app/<app_id>/expire-all
        GET,PATCH /api/v1/app/<app_id>/endpoint/<endpoint_id>/transformation
        POST /api/v1/app/<app_id>/endpoint/<endpoint_id>/bulk-replay
        DELETE /api/v1/app/<app_id>
        POST /api/v1/app/<app_id>/msg/bulk-expunge
        POST /api/v1/app/<app_id>/msg/expunge-all-contents
        DELETE /api/v1/app/<app_id>/msg/<msg_id>/attempt/<attempt_id>/content
        POST /api/v1/event-type/import/openapi
        POST /api/v1/auth/logout
        GET,POST,PUT,PATCH,DELETE /api/v1/<svix_area_path:area>
        GET,POST,PUT,PATCH,DELETE /api/v1/auth/<svix_stream_path:stream_area>
        GET,POST,PUT,PATCH,DELETE /api/v1/app/<app_id>/<svix_application_area_path:application_area>
        GET,POST,PUT,PATCH,DELETE /ingest/api/v1
        GET,POST,PUT,PATCH,DELETE /ingest/api/v1/<rest:area>
    """,
    "deliveries:resend": """
        POST /api/v1/webhooks/<webhook_id>/recover
        POST /api/v1/webhooks/<webhook_id>/send-missed
        POST /api/v1/deliveries/<delivery_id>/resend
        POST /api/v1/deliveries/<delivery_id>/cancel
        POST /api/v1/deliveries/resend
        POST /api/v1/deliveries/cancel
        POST /api/v1/issues/acknowledge
        POST /api/v1/issues/reopen
        POST /api/v1/jobs
        POST /api/v1/jobs/<job_id>/stop
        POST /api/v1/app/<app_id>/endpoint/<endpoint_id>/recover
        POST /api/v1/app/<app_id>/endpoint/<endpoint_id>/replay-missing
        DELETE /api/v1/app/<app_id>/msg/<msg_id>/content
        POST /api/v1/app/<app_id>/msg/<msg_id>/endpoint/<endpoint_id>/resend
    """,
    ALL_SCOPES: """
        POST /api/v1/auth/app-portal-access/<app_id>
        POST /api/v1/auth/dashboard-access/<app_id>
        POST /api/v1/organizations/<organization_id>/portal-links
    """,
    "audit:read": """
        GET /api/v1/audit-log
        GET /api/v1/audit-log.ndjson
    """,
    PLATFORM: """
        GET,POST /api/v1/organizations
        PATCH /api/v1/organizations/<organization_id>
        POST /api/v1/organizations/<organization_id>/suspend
        POST /api/v1/organizations/<organization_id>/resume
        POST /api/v1/app
        PUT,PATCH /api/v1/app/<app_id>
        GET,POST /api/v1/organizations/<organization_id>/api-keys
        PATCH,DELETE /api/v1/organizations/<organization_id>/api-keys/<key_id>
        POST /api/v1/organizations/<organization_id>/callback-secret/rotate
        PATCH /api/v1/organizations/<organization_id>/quotas
    """,
}
