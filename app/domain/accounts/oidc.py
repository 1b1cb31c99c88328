"""Sign-in with OpenID Connect: whose email address counts, and what a claim grants."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.accounts.fields import check_email, check_name
from app.domain.accounts.permissions import ROLES
from app.domain.common.errors import CallboardError, Invalid
from app.domain.common.ids import canonical_id

# In OIDC_ROLES: makes a person a platform owner.
PLATFORM = "platform"
# In OIDC_EMAIL_DOMAINS: every domain that is not listed.
ANY_DOMAIN = "*"
DEFAULT_ROLE = "viewer"
# The most powerful role wins if several values of the claim match.
_STRONGEST_FIRST = ("owner", "member", "viewer")
MAX_SUBJECT = 255
# The first that a provider sends decides.
VERIFIED = ("email_verified", "xms_edov")


class SignInRefused(CallboardError):
    """The provider knows the person, but they may not sign in here. remedy: what to do."""

    status, code, title = 403, "sign_in_refused", "Sign-in refused"

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.remedy = remedy


class ProviderFault(CallboardError):
    """The provider is unreachable or sent something invalid. remedy: what to do."""

    status, code, title = 502, "provider_fault", "Identity provider failed"

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.remedy = remedy


@dataclass(frozen=True, slots=True, repr=False)
class OidcSettings:
    """domains: {email domain: ID of the organization that new people join, or None}; empty: people
    of any domain who have an account or an invitation. roles: {value of the claim: role}."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    scopes: tuple[str, ...]
    domains: Mapping[str, str | None] = field(default_factory=dict)
    default_role: str = DEFAULT_ROLE
    role_claim: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def sets_organization_roles(self) -> bool:
        return any(role != PLATFORM for role in self.roles.values())


@dataclass(frozen=True, slots=True)
class Person:
    """What a valid ID token says. organization_id: of the email domain, if any. role: by the claim,
    None if the settings map none. is_platform_owner: None if the settings do not say."""

    subject: str
    email: str
    name: str
    organization_id: str | None
    role: str | None
    is_platform_owner: bool | None


def parse_domains(entries: Iterable[str]) -> dict[str, str | None]:
    """From `example.com` and `example.com=<organization ID>`. ValueError."""
    domains: dict[str, str | None] = {}
    for entry in entries:
        domain, separator, organization = entry.partition("=")
        organization_id = canonical_id(organization.strip())
        if separator and organization_id is None:
            raise ValueError(entry)
        domains[_domain(domain.strip())] = organization_id
    return domains


def parse_roles(entries: Iterable[str]) -> dict[str, str]:
    """From `value=role`. ValueError."""
    roles: dict[str, str] = {}
    for entry in entries:
        value, _, role = (part.strip() for part in entry.rpartition("="))
        if not value or role not in (*ROLES, PLATFORM):
            raise ValueError(entry)
        roles[value] = role
    return roles


def person_of(claims: Mapping[str, Any], settings: OidcSettings) -> Person:
    """claims: of a valid ID token, or of the UserInfo endpoint. Raises SignInRefused."""
    email = _verified_email(claims)
    granted = _granted(claims, settings)
    role = next((role for role in _STRONGEST_FIRST if role in granted), None)
    return Person(
        subject=_subject(claims),
        email=email,
        name=_name(claims, email),
        organization_id=_organization_of(email, settings),
        role=role,
        is_platform_owner=PLATFORM in granted if PLATFORM in settings.roles.values() else None,
    )


def has_needed_claims(claims: Mapping[str, Any], settings: OidcSettings) -> bool:
    """Whether `person_of` has all it needs; otherwise the UserInfo endpoint may have the rest."""
    has_role = not settings.role_claim or claim(claims, settings.role_claim) is not None
    is_verified = any(name in claims for name in VERIFIED)
    return bool(claims.get("email")) and is_verified and has_role


def claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name or by its path (`realm_access.roles`); None if absent."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _domain(text: str) -> str:
    if text != ANY_DOMAIN:
        try:
            check_email(f"anyone@{text}")
        except Invalid:
            raise ValueError(text) from None
    return text.lower()


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise ProviderFault(
            "The identity provider did not say who you are (claim sub).",
            "Ask the administrator of the identity provider.",
        )
    return subject


def _verified_email(claims: Mapping[str, Any]) -> str:
    try:
        email = check_email(claims.get("email"))
    except Invalid:
        raise SignInRefused(
            "The identity provider sent no email address.",
            "Ask the administrator to release the claims email and email_verified to Callboard.",
        ) from None
    if not _is_verified(claims):
        raise SignInRefused(
            f"The identity provider has not verified the address {email}.",
            "Verify it there, or ask the administrator to send the claim email_verified.",
        )
    return email


def _is_verified(claims: Mapping[str, Any]) -> bool:
    """Entra ID has another claim for it: the owner of the email domain was verified. Some providers
    send text."""
    name = next((name for name in VERIFIED if name in claims), VERIFIED[0])
    return claims.get(name) in (True, "true", "1")


def _name(claims: Mapping[str, Any], email: str) -> str:
    try:
        return check_name(claims.get("name"))
    except Invalid:
        return email.partition("@")[0]


def _organization_of(email: str, settings: OidcSettings) -> str | None:
    if not settings.domains:
        return None
    domain = email.rpartition("@")[2]
    for name in (domain, ANY_DOMAIN):
        if name in settings.domains:
            return settings.domains[name]
    raise SignInRefused(
        f"Addresses at {domain} may not sign in here.",
        "Sign in with your work address, or ask the operator of this server.",
    )


def _granted(claims: Mapping[str, Any], settings: OidcSettings) -> set[str]:
    """The roles that the claim grants; SignInRefused if it grants none."""
    if not settings.role_claim:
        return set()
    value = claim(claims, settings.role_claim)
    values = value if isinstance(value, list) else [value]
    granted = {settings.roles[v] for v in values if isinstance(v, str) and v in settings.roles}
    if not granted:
        raise SignInRefused(
            f"Your account at the identity provider has no role for Callboard"
            f" (claim {settings.role_claim}).",
            "Ask the administrator of the identity provider to give you one.",
        )
    return granted
