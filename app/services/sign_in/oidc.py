"""Sign in with OpenID Connect: find or create the account of a person at the provider."""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.domain.accounts.oidc import OidcSettings, Person, SignInRefused, person_of
from app.domain.common.clock import now_ms
from app.models import Membership, User, UserIdentity
from app.queries.accounts import users as accounts
from app.runtime.context import OidcProvider, runtime
from app.runtime.limits.sign_in import Limit
from app.services.accounts import invitations, members, platform_owners, users
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.sign_in import attempts, credentials, two_factor
from app.services.sign_in.first_factor import person, proceed
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

# One address may be a whole office, and a sign-in counts twice: going there and coming back.
PER_ADDRESS = Limit("OpenID Connect", 600, attempts.QUARTER_SECONDS)


def settings() -> OidcSettings | None:
    """None: people sign in with passwords only."""
    return runtime().settings.oidc


def authorization_url(state: str, nonce: str, verifier: str, address: str | None) -> str:
    """The URL to send the browser to. Raises ProviderFault, RateLimited."""
    attempts.count([(PER_ADDRESS, str(address))])
    return _provider().authorization_url(state, nonce, verifier)


def sign_in(code: str, nonce: str, verifier: str, address: str | None) -> User:
    """The account of the person whom the provider names for this code; see docs/sign-in.md for who
    gets one. Raises ProviderFault, SignInRefused, RateLimited."""
    attempts.count([(PER_ADDRESS, str(address))])
    claims = _provider().claims(code, nonce, verifier)
    try:
        claimed = person_of(claims, _required_settings())
        return _signed_in(claimed, address)
    except SignInRefused as error:
        _record_refusal(claims, error, address)
        raise


def _signed_in(claimed: Person, address: str | None) -> User:
    try:
        return _sign_in(claimed, address)
    except IntegrityError:
        # A concurrent first sign-in of the same person created the account.
        return _sign_in(claimed, address)


def _sign_in(claimed: Person, address: str | None) -> User:
    with write_transaction() as session:
        if claimed.is_platform_owner is not None:
            platform_owners.lock(session)
        actor = Actor("system", None, f"OpenID Connect ({claimed.email})", address)
        user = _known(session, claimed) or _linked(session, claimed, actor)
        user = user or _created(session, claimed, actor)
        _apply_claims(session, user, claimed, actor)
        after = {"by": "oidc"}
        proceed(session, user, address, after)
    return user


def _known(session: WriteSession, claimed: Person) -> User | None:
    """The user of this identity, with the address that the provider now has."""
    identity = session.get(UserIdentity, (_provider().issuer, claimed.subject))
    if identity is None:
        return None
    identity.used_at = now_ms()
    user = users.locked(session, identity.user_id)
    if user.email != claimed.email and accounts.user_by_email(claimed.email) is None:
        actor = Actor("system", None, "OpenID Connect")
        before, user.email = {"email": user.email}, claimed.email
        after = {"email": user.email}
        users.record_everywhere(session, user, actor, "user.update", before=before, after=after)
    return user


def _linked(session: WriteSession, claimed: Person, actor: Actor) -> User | None:
    """Link the account with this address. The address was never verified: anyone could have entered
    it to get in later. So its password, second factor, links and sessions end."""
    known = accounts.user_by_email(claimed.email)
    if known is None:
        return None
    user = users.locked(session, known.id)
    if accounts.has_identity(user.id, _provider().issuer):
        raise SignInRefused(
            f"The account {claimed.email} belongs to another person at the identity provider.",
            "Ask the operator of this server.",
        )
    users.set_password(session, user, None, actor)
    two_factor.drop(session, user, actor)
    _add_identity(session, user, claimed)
    after = {"issuer": _provider().issuer, "password": "removed"}
    users.record_everywhere(session, user, actor, "user.link_identity", after=after)
    return user


def _created(session: WriteSession, claimed: Person, actor: Actor) -> User:
    """A new account: in the organization of the email domain, and in those that invited the
    address. Raises SignInRefused if there is none, except for platform owners."""
    invited = accounts.invitations_for(claimed.email, now_ms())
    organization = claimed.organization_id and accounts.organization(claimed.organization_id)
    if not (organization or invited or claimed.is_platform_owner):
        raise SignInRefused(
            f"There is no account for {claimed.email}.",
            "Ask an owner of your organization to invite you, then sign in again.",
        )
    user = users.add(session, claimed.email, claimed.name)
    _add_identity(session, user, claimed)
    if organization:
        role = claimed.role or _required_settings().default_role
        members.add(session, organization.id, user.id, role, actor)
    for invitation in invited:
        invitations.join(session, invitation.id, user, actor.address)
    return user


def _add_identity(session: WriteSession, user: User, claimed: Person) -> None:
    now = now_ms()
    session.add(
        UserIdentity(
            issuer=_provider().issuer,
            subject=claimed.subject,
            user_id=user.id,
            created_at=now,
            used_at=now,
        )
    )
    session.flush()


def _apply_claims(session: WriteSession, user: User, claimed: Person, actor: Actor) -> None:
    """Set the role in the domain's organization, and whether they are a platform owner. The last
    owner of either stays one."""
    if claimed.is_platform_owner is not None:
        platform_owners.apply_claim(session, user, actor, is_owner=claimed.is_platform_owner)
    if claimed.role is not None and claimed.organization_id is not None:
        row = session.get(Membership, (claimed.organization_id, user.id))
        if row is not None and not members.apply_role(session, row, claimed.role, actor):
            _log.warning(
                "OpenID Connect: %s stays the last owner of %s", user.email, row.organization_id
            )


def _record_refusal(claims: Mapping[str, Any], error: SignInRefused, address: str | None) -> None:
    """Also ends the person's sessions: the provider says that they may not be here any more."""
    name = str(claims.get("email") or claims.get("sub") or "")
    _log.warning("OpenID Connect: sign-in of %r refused: %s", name[:254], error.detail)
    after = {"by": "oidc", "reason": error.detail}
    action = "user.sign_in_refused"
    with write_transaction() as session:
        identity = session.get(UserIdentity, (_provider().issuer, str(claims.get("sub"))))
        if identity is None:
            actor = Actor("user", None, name, address)
            audit.record(session, None, actor, action, after=after)
            return
        user = users.locked(session, identity.user_id)
        actor = person(user, address)
        credentials.end_all(session, user, actor)
        users.record_everywhere(session, user, actor, action, after=after)


def _provider() -> OidcProvider:
    provider = runtime().oidc
    assert provider is not None, "routes exist only with OIDC_ISSUER"
    return provider


def _required_settings() -> OidcSettings:
    own = settings()
    assert own is not None, "routes exist only with OIDC_ISSUER"
    return own
