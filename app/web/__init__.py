"""A surface: parses, calls one service or one query, renders."""

from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Flask


def register(app: Flask) -> None:
    """Add the pages, and what is around them, to `app`."""
    from app.web import assets, errors, portal, security, shell, templating

    _add_parts()
    app.extensions["callboard.assets"] = assets.Assets(Path(str(app.static_folder)))
    for blueprint in (*_blueprints(), *_of_others()):
        app.register_blueprint(blueprint)
    portal.register(app)
    app.context_processor(shell.shell)
    app.after_request(assets.keep_versioned)
    app.after_request(security.protect)
    templating.register(app)
    errors.register(app)


def _add_parts() -> None:
    """Modules whose routes are on the blueprint of another: they come before it is registered."""
    from app.web import (
        deliveries,
        delivery,
        delivery_export,
        delivery_live,
        delivery_sets,
        saved_views,
        verify,
        webhook_acts,
        webhook_again,
        webhook_edit,
        webhooks,
    )

    for part in (verify, webhook_acts, webhook_again, webhook_edit):
        assert part.blueprint is webhooks.blueprint
    for part in (delivery, delivery_export, delivery_live, delivery_sets, saved_views):
        assert part.blueprint is deliveries.blueprint


def _blueprints() -> Iterator[Blueprint]:
    from app.web import (
        assets,
        deliveries,
        event_type_import,
        event_types,
        events,
        failures,
        invitations,
        overview,
        shell,
        sign_in,
        webhooks,
    )
    from app.web.settings import (
        account,
        api_keys,
        audit,
        members,
        notifications,
        organization,
        retention,
    )

    for module in (assets, shell, overview, deliveries, events, webhooks, sign_in, invitations):
        yield module.blueprint
    assert event_type_import.blueprint is event_types.blueprint
    yield event_types.blueprint
    yield failures.blueprint
    for module in (organization, members, api_keys, notifications, retention, audit, account):
        yield module.blueprint


def _of_others() -> Iterator[Blueprint]:
    """For those who do not sign in: receivers' requests, and visitors by a link."""
    from app.web import catch, catcher, portal
    from app.web.settings import portal_links

    for module in (catch, catcher, portal, portal_links):
        yield module.blueprint
