"""No test here sends a request to the product."""

from tests.support.without_surfaces import make_app

__all__ = ["make_app"]
