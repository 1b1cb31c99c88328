"""What a request can need besides the permissions of `app.domain.accounts.permissions`."""

ANYONE = "anyone"  # by design: see OPEN in tests/habits/test_authentication.py
ACCOUNT = "account"  # a person, with or without an organization
MEMBER = "member of an organization"
PLATFORM = "platform key"
ALL_SCOPES = "all scopes"  # what the request makes may do more than a single scope
WORKER = "a secret that only workers have"
PLATFORM_OWNER = "platform owner"
