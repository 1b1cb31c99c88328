"""Errors of an identity provider, with the remedy to show; the details go to the log."""

import logging

from authlib.integrations.base_client import OAuthError
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError

from app.domain.accounts.oidc import ProviderFault

_log = logging.getLogger(__name__)

TRY_AGAIN = "Try again in a minute. If it stays like this, tell the operator of this server."
TELL_OPERATOR = "Tell the operator of this server: the log has the details."
START_AGAIN = "Start again from the sign-in page."


def refused_token(error: OAuthError) -> ProviderFault:
    reason = f"{error.error}: {error.description}"
    if error.error in ("invalid_client", "unauthorized_client"):
        detail = "The identity provider does not accept Callboard's client ID or secret."
        return fault(
            detail, f"{reason}; check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET", TELL_OPERATOR
        )
    if error.error == "invalid_grant":
        detail = "The identity provider says that this sign-in was already used or has expired."
        return fault(detail, reason, START_AGAIN)
    return fault("The identity provider refused the sign-in.", reason, TELL_OPERATOR)


def invalid_token(error: JoseError) -> ProviderFault:
    claim = error.claim if isinstance(error, ClaimError) else ""
    reason = f"invalid ID token: {error}"
    if isinstance(error, ExpiredTokenError) or claim in ("iat", "nbf"):
        detail = (
            "The identity provider's token is not valid at this time: the clocks of the two"
            " servers differ, or the sign-in took too long."
        )
        return fault(detail, f"{reason}; compare the clocks", TRY_AGAIN)
    what = f" (claim {claim})" if claim else " (signature)"
    return fault(f"The identity provider's token is not valid{what}.", reason, START_AGAIN)


def misconfigured(reason: str) -> ProviderFault:
    return fault("The identity provider is not set up for this server.", reason, TELL_OPERATOR)


def fault(detail: str, reason: str, remedy: str = TRY_AGAIN) -> ProviderFault:
    """reason: for the log; it holds no secret, but may quote the provider."""
    one_line = " ".join(reason.split())[:500]
    _log.warning("Sign-in with OpenID Connect failed: %s", one_line)
    return ProviderFault(detail, remedy)
