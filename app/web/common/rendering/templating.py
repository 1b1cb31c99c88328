"""Register the filters and globals of templates: times, sizes, states, URLs, permissions."""

from datetime import UTC
from urllib.parse import urlsplit

from flask import Flask, url_for
from flask_wtf import FlaskForm
from wtforms import Field

from app.domain.common.clock import iso, now_ms
from app.domain.deliveries.causes import CAUSES
from app.domain.deliveries.states import STATES
from app.domain.event_types.patterns import selector_of
from app.runtime.context import runtime
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.forms import explained_at
from app.web.common.operator import operator_command
from app.web.common.rendering import assets, formats, localized
from app.web.common.rendering.locales import reader_locale
from app.web.common.rendering.zones import reader_zone
from app.web.deliveries import exchange
from app.web.deliveries.columns import COLUMNS, COMPACT, Table
from app.web.portal import visits


def register(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        iso=iso,
        exact=lambda ms: formats.exact(ms, reader_zone() or UTC, reader_locale()),
        clock=lambda ms: formats.clock(ms, reader_zone(), reader_locale()),
        stamp=lambda ms: formats.stamp(ms, reader_zone(), reader_locale()),
        since=since,
        countdown=lambda ms: formats.countdown(ms, now_ms()),
        ago=lambda ms: formats.ago(ms, now_ms(), reader_locale()),
        wait_words=localized.wait,
        wait_step=formats.wait_step,
        duration=localized.duration,
        milliseconds=localized.milliseconds,
        percent=localized.percent,
        hours=lambda ms: formats.hours(ms, UTC, reader_locale()),
        day=lambda ms: formats.day(ms, UTC, reader_locale()),
        bytes=localized.size,
        number=localized.number,
        plural=localized.plural,
        cause_title=cause_title,
        selector_of=selector_of,
        host=host,
        bare_url=bare_url,
        field_errors=field_errors,
        body_view=exchange.body_view,
        span_words=lambda start, end: formats.between(start, end, reader_locale()),
    )
    app.jinja_env.tests["ahead"] = lambda ms: ms is not None and ms > now_ms()
    _add_globals(app)


def since(ms: int, *, to_the_second: bool = False) -> str:
    zone, locale = reader_zone(), reader_locale()
    return formats.since(ms, zone, now_ms(), locale, to_the_second=to_the_second)


def _add_globals(app: Flask) -> None:
    app.jinja_env.globals.update(
        reader_locale=reader_locale,
        static_url=assets.static_url,
        bundle_url=assets.bundle_url,
        inline_svg=assets.inline_svg,
        may=auth.allows,
        range_words=filters.RANGE_WORDS,
        delivery_states=STATES,
        column_titles=COLUMNS,
        compact_table=Table(COMPACT),
        help_url=help_url,
        field_url=field_url,
        oidc_name=oidc_name,
        operator_command=operator_command,
        password_sign_in=lambda: runtime().settings.password_sign_in,
    )


def help_url(field: Field) -> str | None:
    """The place in the guides that explains a form's field. None: there is none, or no guides are
    here: visitors of a portal and people before sign-in do not see them."""
    return guide_url(getattr(field, "guide", ""))


def field_url(subject: str, label: str) -> str | None:
    """Like `help_url`, for a control that no form class has."""
    return guide_url(explained_at(subject, label))


def guide_url(target: str) -> str | None:
    if not target or visits.is_inside() or auth.current_user() is None:
        return None
    name, _, anchor = target.partition("#")
    return url_for("guides.show", guide=name, _anchor=anchor or None)


def cause_title(code: str | None) -> str:
    cause = CAUSES.get(code or "")
    return cause.title if cause else ""


def oidc_name() -> str | None:
    """What the button for OpenID Connect says; None without it."""
    settings = runtime().settings.oidc
    return settings.name if settings else None


def host(url: str) -> str:
    """The host with its port; the URL itself if it cannot be parsed."""
    try:
        return urlsplit(url).netloc or url
    except ValueError:
        return url


def bare_url(url: str) -> str:
    """The URL without its scheme and trailing slash."""
    return (url.partition("://")[2] or url).removesuffix("/")


def field_errors(form: FlaskForm) -> list[tuple[str, str, str]]:
    """(id of the control, label, error) of each invalid field; id and label are empty for errors of
    the whole form."""
    of_fields = [
        (field.id, str(field.label.text), str(field.errors[0])) for field in form if field.errors
    ]
    return [("", "", str(error)) for error in form.form_errors] + of_fields
