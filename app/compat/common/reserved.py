"""First segments of paths under /api/v1 that never name an organization."""

# Of the native API.
NATIVE = (
    "attempts",
    "audit-log",
    "audit-log.ndjson",
    "deliveries",
    "event-type-imports",
    "event-types",
    "event-types.openapi.json",
    "events",
    "imports",
    "issues",
    "jobs",
    "listeners",
    "openapi.json",
    "organizations",
    "statistics",
    "test-inboxes",
    "webhooks",
)
# Of the Svix dialect.
SVIX = (
    "app",
    "auth",
    "background-task",
    "connector",
    "environment",
    "event-type",
    "health",
    "operational-webhook",
    "stats",
    "stream",
)
