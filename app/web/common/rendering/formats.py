"""Format times, durations, sizes and counts for people."""

from datetime import UTC, datetime, timedelta, tzinfo

from app.domain.common.locales import HOUSE, Locale

MINUTE, HOUR, DAY = 60, 3600, 86_400


def exact(ms: int, zone: tzinfo = UTC, locale: Locale = HOUSE) -> str:
    """`24 Feb 2026, 11:52:20.810 UTC`, or with the zone's offset: `UTC+2`."""
    moment = datetime.fromtimestamp(ms // 1000, zone)
    date = f"{_day(moment, locale)}{',' if locale.times == 'en-US' else ''} {moment:%Y}"
    return f"{date}, {_time(moment, locale, f':%S.{ms % 1000:03d}')} {offset(moment)}"


def _day(moment: datetime, locale: Locale) -> str:
    parts = str(moment.day), f"{moment:%b}"
    return " ".join(reversed(parts) if locale.times == "en-US" else parts)


def _time(moment: datetime, locale: Locale, seconds: str = "") -> str:
    """seconds: their format, with what comes before them."""
    if not locale.has_twelve_hours:
        return moment.strftime(f"%H:%M{seconds}")
    half = "am" if moment.hour < 12 else "pm"
    words = half if locale.times == "en-AU" else half.upper()
    return f"{moment.strftime(f'%I:%M{seconds}')} {words}"


def offset(moment: datetime) -> str:
    """`UTC`, `UTC+2`, `UTC-3:30`."""
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    hours_, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "UTC" + (f"{sign}{hours_}" if minutes else "") + (f":{rest:02d}" if rest else "")


def clock(ms: int, zone: tzinfo | None = None, locale: Locale = HOUSE) -> str:
    """`11:52:20 UTC`; without the name in the reader's own zone."""
    time = _time(datetime.fromtimestamp(ms // 1000, zone or UTC), locale, ":%S")
    return time if zone else f"{time} UTC"


def stamp(ms: int, zone: tzinfo | None = None, locale: Locale = HOUSE) -> str:
    """`24 Feb, 11:52:20`; with `UTC` unless it is in the reader's own zone."""
    return f"{day(ms, zone or UTC, locale)}, {clock(ms, zone, locale)}"


def hours(ms: int, zone: tzinfo = UTC, locale: Locale = HOUSE) -> str:
    """`11:52`."""
    return _time(datetime.fromtimestamp(ms // 1000, zone), locale)


def since(
    ms: int,
    zone: tzinfo | None = None,
    now: int | None = None,
    locale: Locale = HOUSE,
    *,
    to_the_second: bool = False,
) -> str:
    """`24 Feb, 11:52 UTC`: the start of something. In the reader's own zone without the name, and
    without the date if it is today. to_the_second: `24 Feb, 11:52:20 UTC`."""
    moment = datetime.fromtimestamp(ms // 1000, zone or UTC)
    time = _time(moment, locale, ":%S" if to_the_second else "")
    if zone is None:
        return f"{day(ms, UTC, locale)}, {time} UTC"
    is_today = now is not None and moment.date() == datetime.fromtimestamp(now // 1000, zone).date()
    return time if is_today else f"{day(ms, zone, locale)}, {time}"


def countdown(ms: int, now: int) -> str:
    """`in 4 min 32 s`: at most two units. Both in milliseconds."""
    seconds = -((now - ms) // 1000)
    if seconds <= 0:
        return "now"
    sizes = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s"))
    at = next(index for index, (size, _) in enumerate(sizes) if seconds >= size)
    parts, rest = [], seconds
    for size, unit in sizes[at : at + 2]:
        whole, rest = divmod(rest, size)
        if whole:
            parts.append(f"{whole} {unit}")
    return f"in {' '.join(parts)}"


def day(ms: int, zone: tzinfo = UTC, locale: Locale = HOUSE) -> str:
    """`24 Feb`."""
    return _day(datetime.fromtimestamp(ms // 1000, zone), locale)


def between(start: int, end: int, locale: Locale = HOUSE) -> str:
    """`24 Feb, 11:45 to 12:00 UTC`; a whole day is `24 Feb`. Milliseconds."""
    if end - start >= DAY * 1000:
        return day(start, UTC, locale)
    times = hours(start, UTC, locale), hours(end, UTC, locale)
    return f"{day(start, UTC, locale)}, {times[0]} to {times[1]} UTC"


def ago(ms: int, now: int, locale: Locale = HOUSE) -> str:
    """`12 s ago`, `in 4 min`; the date when it is a week or more away. Both in milliseconds."""
    seconds = (now - ms) / 1000
    if abs(seconds) < 1:
        return "now"
    if abs(seconds) >= 7 * DAY:
        return _date(ms, now, locale)
    distance = about(abs(seconds))
    return f"{distance} ago" if seconds > 0 else f"in {distance}"


def _date(ms: int, now: int, locale: Locale) -> str:
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    same_year = moment.year == datetime.fromtimestamp(now // 1000, UTC).year
    return _day(moment, locale) if same_year else f"{_day(moment, locale)} {moment:%Y}"


def about(seconds: float) -> str:
    """The largest whole unit: `27 s`, `4 min`, `3 h`, `2 d`."""
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def wait(seconds: float) -> str:
    """At most two units: `2.5 s`, `5 min 43 s`, `1 h 30 min`, `1 d`."""
    seconds = round(seconds, 1) if seconds < 10 else round(seconds)
    if seconds < MINUTE:
        return f"{seconds:g} s"
    rest, parts = int(seconds), []
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s")):
        whole, rest = divmod(rest, size)
        if whole:
            parts.append(f"{whole} {unit}")
    return " ".join(parts[:2])


def duration(us: int | None) -> str:
    """Microseconds as `0.8 ms`, `42 ms`, `1.24 s`, `15.0 s`; a dash for None."""
    if us is None:
        return "\u2013"
    if us < 10_000:
        return f"{us / 1000:.1f} ms"
    if us < 1_000_000:
        return f"{us / 1000:.0f} ms"
    return f"{us / 1_000_000:.2f} s" if us < 10_000_000 else f"{us / 1_000_000:.1f} s"


def size(count: int) -> str:
    """Bytes as `512 B`, `1.2 KB`, `3.4 MB`."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.1f} KB"
    return f"{count / 1_000_000:.1f} MB"


def milliseconds(ms: float | None) -> str:
    """Like `duration`, for milliseconds known to two digits: `0.8 ms`, `41 ms`, `1.2 s`."""
    if ms is None:
        return "\u2013"
    if 0 < ms < 0.05:
        return "< 0.1 ms"
    if ms < 10:
        return f"{ms:.1f} ms"
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def percent(share: float | None) -> str:
    """`99.2` for a share of 0.992. 100 and 0 only if it is exactly that; a dash for None."""
    if share is None:
        return "\u2013"
    if share in {0, 1}:
        return f"{share * 100:.0f}"
    return f"{min(max(share * 100, 0.1), 99.9):.1f}"


def number(count: int) -> str:
    """With thin spaces as thousands separators."""
    return f"{count:,}".replace(",", "\u2009")


def plural(count: int, singular: str, plural_form: str | None = None) -> str:
    """`1 delivery`, `2 deliveries`."""
    return f"{number(count)} {singular if count == 1 else plural_form or singular + 's'}"


def wait_step(seconds: float) -> int:
    """The drawn length of a wait: 0 to 10 on a log scale from a second to a day."""
    step = 0
    edge = 2.0
    while seconds >= edge and step < 10:
        step, edge = step + 1, edge * 3
    return step
