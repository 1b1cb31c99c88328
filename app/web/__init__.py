"""A surface: parses, calls one service or one query, renders."""

from collections.abc import Iterator

from flask import Blueprint, Flask


def register(app: Flask) -> None:
    """Add the pages, and what is around them, to `app`."""
    from app.web.common import assets, errors, security, shell, templating
    from app.web.portal import pages as portal

    _add_parts()
    for blueprint in (*_blueprints(), *_of_others()):
        app.register_blueprint(blueprint)
    portal.register(app)
    app.context_processor(shell.shell)
    app.after_request(assets.keep_versioned)
    app.before_request(security.refuse_other_sites)
    app.after_request(security.protect)
    templating.register(app)
    errors.register(app)


def _add_parts() -> None:
    """Modules whose routes are on the blueprint of another: they come before it is registered."""
    from app.web.deliveries import bulk as delivery_sets
    from app.web.deliveries import export as delivery_export
    from app.web.deliveries import listing as deliveries
    from app.web.deliveries import live as delivery_live
    from app.web.deliveries import pages as delivery
    from app.web.deliveries import saved_views
    from app.web.webhooks import actions as webhook_acts
    from app.web.webhooks import edit as webhook_edit
    from app.web.webhooks import pages as webhooks
    from app.web.webhooks import recovery as webhook_again
    from app.web.webhooks import verify

    for part in (verify, webhook_acts, webhook_again, webhook_edit):
        assert part.blueprint is webhooks.blueprint
    for part in (delivery, delivery_export, delivery_live, delivery_sets, saved_views):
        assert part.blueprint is deliveries.blueprint


def _blueprints() -> Iterator[Blueprint]:
    from app.web.accounts import account, api_keys, invitations, members, organization, sign_in
    from app.web.audit import pages as audit
    from app.web.common import assets, moved, shell
    from app.web.deliveries import listing as deliveries
    from app.web.event_types import imports as event_type_import
    from app.web.event_types import pages as event_types
    from app.web.events import pages as events
    from app.web.issues import pages as issues
    from app.web.maintenance import retention
    from app.web.notifications import pages as notifications
    from app.web.overview import pages as overview
    from app.web.webhooks import pages as webhooks

    for module in (
        assets,
        moved,
        shell,
        overview,
        deliveries,
        events,
        webhooks,
        sign_in,
        invitations,
    ):
        yield module.blueprint
    assert event_type_import.blueprint is event_types.blueprint
    yield event_types.blueprint
    yield issues.blueprint
    for module in (organization, members, api_keys, notifications, retention, audit, account):
        yield module.blueprint


def _of_others() -> Iterator[Blueprint]:
    """For those who do not sign in: receivers' requests, and visitors by a link."""
    from app.web.portal import links as portal_links
    from app.web.portal import pages as portal
    from app.web.test_inbox import pages as test_inbox
    from app.web.test_inbox import receiving as catch

    for module in (catch, test_inbox, portal, portal_links):
        yield module.blueprint
