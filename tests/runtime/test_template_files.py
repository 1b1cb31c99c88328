"""A running process shows the pages of its own release."""

from pathlib import Path

import pytest
from flask import Flask, render_template
from jinja2 import TemplateNotFound

from app.runtime.template_files import templates_in


def test_a_template_is_that_of_the_start(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    page, part = tmp_path / "page.html", tmp_path / "parts/part.html"
    page.write_text("former {% include 'parts/part.html' %}")
    part.write_text("part")
    app = Flask("app")
    app.jinja_loader = templates_in(tmp_path)
    page.write_text("next {{ unknown() }}")
    part.unlink()
    (tmp_path / "new.html").write_text("next")
    with app.app_context():
        assert render_template("page.html") == "former part"
        with pytest.raises(TemplateNotFound):
            render_template("new.html")


def test_pages_and_emails_are_made_of_them(sqlite_app: Flask) -> None:
    from app.runtime.context import runtime

    with sqlite_app.app_context():
        emails = runtime().email_templates
    assert sqlite_app.jinja_loader is not None
    for loader in (sqlite_app.jinja_loader, emails.loader):
        assert type(loader).__name__ == "FunctionLoader"
