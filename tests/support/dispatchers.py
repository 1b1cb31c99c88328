"""Build a dispatcher as a worker does, to be run by the test itself."""

from app.engine.dispatcher import Dispatcher
from app.runtime.context import Runtime
from app.sending.oauth import OAuthTokens


def dispatcher_of(runtime: Runtime) -> Dispatcher:
    return Dispatcher(
        runtime.settings,
        runtime.write_lock,
        runtime.vault,
        runtime.guard,
        sandbox=runtime.expression_sandbox,
        oauth_tokens=OAuthTokens(
            runtime.redis,
            runtime.vault,
            runtime.guard,
            runtime.settings.dns_servers,
            runtime.settings.delivery_proxy,
        ),
        tracing=runtime.tracing,
    )
