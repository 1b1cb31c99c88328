"""Pages: each view parses a request, calls one service or one query, and renders a template."""

from collections.abc import Iterator

from flask import Blueprint, Flask


def register(app: Flask) -> None:
    """Add all pages to `app`."""
    from app.http.people import set_person
    from app.web.common import errors, shell
    from app.web.common.access import auth, security
    from app.web.common.rendering import assets, compression, templating
    from app.web.portal import pages as portal

    _import_routes()
    for blueprint in (*_blueprints(), *_account_blueprints(), *_blueprints_without_sign_in()):
        app.register_blueprint(blueprint)
    portal.register(app)
    app.context_processor(shell.shell)
    app.after_request(assets.cache_versioned)
    app.before_request(auth.note_agent)
    app.teardown_request(auth.forget_agent)
    app.before_request(security.refuse_other_sites)
    app.after_request(security.protect)
    app.after_request(compression.compress)
    templating.register(app)
    errors.register(app)
    set_person(app, auth.principal)


def _import_routes() -> None:
    """Import the modules that add routes to another module's blueprint, before it is registered."""
    from app.web.deliveries import bulk, export, failure_reasons, live, saved_views
    from app.web.deliveries import listing as delivery_list
    from app.web.deliveries import pages as delivery_pages
    from app.web.event_types import exports, imports
    from app.web.event_types import pages as event_type_pages
    from app.web.events import export as event_export
    from app.web.events import live as event_live
    from app.web.events import pages as event_pages
    from app.web.webhooks import actions, edit, recovery, switch, testing, verify
    from app.web.webhooks import pages as webhook_pages

    for module in (actions, edit, recovery, switch, testing, verify):
        assert module.blueprint is webhook_pages.blueprint
    for module in (bulk, delivery_pages, export, failure_reasons, live, saved_views):
        assert module.blueprint is delivery_list.blueprint
    for module in (event_export, event_live):
        assert module.blueprint is event_pages.blueprint
    for module in (exports, imports):
        assert module.blueprint is event_type_pages.blueprint


def _blueprints() -> Iterator[Blueprint]:
    from app.web.attempts import listing as attempts
    from app.web.audit import pages as audit
    from app.web.common import moved, shell
    from app.web.common.rendering import assets
    from app.web.deliveries import listing as deliveries
    from app.web.event_types import pages as event_types
    from app.web.events import pages as events
    from app.web.first_steps import pages as first_steps
    from app.web.guides import pages as guides
    from app.web.issues import pages as issues
    from app.web.jobs import imports
    from app.web.jobs import pages as jobs
    from app.web.maintenance import quotas, retention
    from app.web.notifications import pages as notifications
    from app.web.overview import pages as overview
    from app.web.platform import operations
    from app.web.platform import pages as platform
    from app.web.reference import pages as reference
    from app.web.search import pages as search
    from app.web.webhooks import pages as webhooks

    for module in (
        assets,
        moved,
        shell,
        search,
        overview,
        first_steps,
        deliveries,
        attempts,
        events,
        webhooks,
    ):
        yield module.blueprint
    for module in (event_types, issues, jobs, imports, notifications, quotas, retention):
        yield module.blueprint
    assert operations.blueprint is platform.blueprint
    for module in (audit, platform, guides, reference):
        yield module.blueprint


def _account_blueprints() -> Iterator[Blueprint]:
    from app.web.accounts import (
        account,
        api_keys,
        invitations,
        members,
        oidc,
        organization,
        password_reset,
        second_step,
        sign_in,
        two_factor,
    )

    for module in (sign_in, oidc, second_step, password_reset, invitations):
        yield module.blueprint
    for module in (organization, members, api_keys, account, two_factor):
        yield module.blueprint


def _blueprints_without_sign_in() -> Iterator[Blueprint]:
    """For receivers' requests to test inboxes, and for portal visitors."""
    from app.web.portal import links as portal_links
    from app.web.portal import logos
    from app.web.portal import pages as portal
    from app.web.test_inbox import pages as test_inbox
    from app.web.test_inbox import receiving

    assert logos.SHOWN_BY is portal.blueprint
    for module in (receiving, test_inbox, portal, portal_links):
        yield module.blueprint
