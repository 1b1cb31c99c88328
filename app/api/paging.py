"""The query parameters that all lists have."""

from app.api.parameters import integer, moment, text

LIMIT = integer("limit", 1, 200, "How many at most.", 50)
CURSOR = text("cursor", "`next_cursor` of the page before.")
SINCE = moment("since", "Accepted at or after this time.")
UNTIL = moment("until", "Accepted before this time.")
