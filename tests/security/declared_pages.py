"""What each request of a page needs: see `declared`."""

from tests.security.levels import ACCOUNT, ANYONE, MEMBER, PLATFORM_OWNER

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
        GET /brand/logo/<logo_id>
    """,
    ACCOUNT: """
        POST /organization/<uuid:organization_id>
        GET,POST /settings/account/two-factor
        POST /settings/account/two-factor/confirm
        POST /settings/account/two-factor/recovery-codes
        POST /settings/account/two-factor/disable
    """,
    MEMBER: """
        GET /guides
        GET /guides/<path:guide>
        GET /guides/images/<image>
        GET /api-reference
        GET /api-reference/<operation_id>
        POST /api-reference/key
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
        GET /attempts
        GET /deliveries
        GET /deliveries/live
        POST /deliveries/columns
        GET /deliveries/export.csv
        GET /deliveries/failure-reasons
        GET /deliveries/export.ndjson
        GET /deliveries/<uuid:delivery_id>
        GET /deliveries/<uuid:delivery_id>/body
        GET /deliveries/<uuid:delivery_id>/attempts/<int:number>
        GET /events
        GET /events/live
        GET /first-steps
        GET /events/<uuid:event_id>
        GET /event-types
        GET /event-types/<name>
        GET /event-type-export
        GET /issues
        GET /jobs
        GET /jobs/<uuid:job_id>
        GET /jobs/<uuid:job_id>/file
        POST /deliveries/export
        POST /events/export
        GET /search
        GET /search/payloads
        GET /search/suggestions
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
        GET,POST /settings/import
        GET /settings/import/organization.ndjson
        GET,POST /event-type-import
        GET,POST /event-types/<name>/edit
        GET,POST /event-types/<name>/delete
        POST /deliveries/<uuid:delivery_id>/reveal
        POST /first-steps/hide
        POST /first-steps/receiver
        POST /first-steps/test-inbox
        POST /test-inbox
        GET,POST /test-inbox/<uuid:inbox_id>/settings
        GET,POST /test-inbox/<uuid:inbox_id>/delete
        POST /test-inbox/<uuid:inbox_id>/clear
        GET,POST /webhooks/new
        GET,POST /webhooks/<uuid:webhook_id>/edit
        GET,POST /webhooks/<uuid:webhook_id>/delete
        GET,POST /webhooks/<uuid:webhook_id>/active
        GET,POST /webhooks/<uuid:webhook_id>/rotate-secret
        GET,POST /webhooks/<uuid:webhook_id>/end-secret-overlap
        POST /webhooks/<uuid:webhook_id>/secret
        GET,POST /webhooks/<uuid:webhook_id>/test
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
        POST /jobs/<uuid:job_id>/stop
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
        POST /first-steps/api-key
        POST /settings
        POST /settings/two-factor
        POST /settings/value-index
        POST /settings/callback-secret
        POST /settings/callback-secret/rotate
        POST /settings/retention
        GET,POST /settings/api-keys
        GET,POST /settings/api-keys/<uuid:key_id>/revoke
        GET,POST /settings/api-keys/<uuid:key_id>/networks
        GET,POST /settings/portal
        GET /settings/portal/preview
        GET /settings/portal/logo/<logo_id>
        POST /settings/portal/logo
        POST /settings/portal/logo/remove
        GET /settings/portal/brand.css
        POST /settings/portal/end
    """,
    PLATFORM_OWNER: """
        GET /platform
        GET /platform/operations
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
