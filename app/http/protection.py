"""Security headers of every response, of pages and APIs alike."""

from app.http.messages import Headers
from app.runtime.configuration.settings import Settings

# A year. Browsers then use https only, also for the first request.
HSTS = "max-age=31536000"


def headers_of_all(settings: Settings) -> Headers:
    nosniff = ("X-Content-Type-Options", "nosniff")
    if settings.public_url.startswith("https:"):
        return (("Strict-Transport-Security", HSTS), nosniff)
    return (nosniff,)
