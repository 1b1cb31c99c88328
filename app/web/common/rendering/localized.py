"""Numbers in words, in the reader's locale: for templates, and for what pages say in Python."""

from app.web.common.rendering import formats
from app.web.common.rendering.locales import localized

wait = localized(formats.wait)
duration = localized(formats.duration)
milliseconds = localized(formats.milliseconds)
percent = localized(formats.percent)
size = localized(formats.size)
number = localized(formats.number)
plural = localized(formats.plural)
