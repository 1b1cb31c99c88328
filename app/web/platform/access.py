"""Who may open the pages below /platform."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from app.domain.common.errors import Forbidden
from app.models import User
from app.web.common.access import auth

View = TypeVar("View", bound=Callable[..., Any])


def platform_owner_required(view: View) -> View:
    """Redirect to sign-in and back. Forbidden for everybody but platform owners."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        user = auth.current_user()
        if user is None:
            return auth.to_sign_in()
        if not user.is_platform_owner:
            raise Forbidden("This page is for platform owners, who operate this server.")
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def current_owner() -> User:
    user = auth.current_user()
    assert user is not None, "see platform_owner_required"
    return user
