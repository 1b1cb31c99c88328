"""The forms of a page, as a browser without scripts reads and submits them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Values = dict[str, list[Any]]


@dataclass
class Control:
    """kind: the type of an input, `select` or `textarea`. values: what would be submitted. options:
    all that can be selected or ticked."""

    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


@dataclass
class HtmlForm:
    """action: where it is sent; empty for its page. controls: by name, in the page's order. help:
    where the links next to the controls lead."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)
    help: list[str] = field(default_factory=list)

    def values(self) -> Values:
        return {name: list(control.values) for name, control in self.controls.items()}


def forms_of(html: str) -> list[HtmlForm]:
    parser = _Parser()
    parser.feed(html)
    return parser.forms


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[HtmlForm] = []
        self._is_inside = False
        self._select: Control | None = None
        self._text: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                HtmlForm(attributes.get("action", ""), attributes.get("method", "get"))
            )
            self._is_inside = True
        elif self._is_inside and tag in ("input", "select", "textarea") and "name" in attributes:
            self._add(tag, attributes)
        elif self._is_inside and attributes.get("class") == "field-help":
            self.forms[-1].help.append(attributes.get("href", ""))
        elif tag == "option" and self._select is not None:
            self._select.options.append(attributes.get("value", ""))
            if "selected" in attributes or not self._select.values:
                self._select.values = [attributes.get("value", "")]

    def _add(self, tag: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("type", "text") if tag == "input" else tag
        controls = self.forms[-1].controls
        control = controls.setdefault(attributes.get("name", ""), Control(kind))
        if kind in ("checkbox", "radio"):
            control.options.append(attributes.get("value", "on"))
            if "checked" in attributes:
                control.values.append(attributes.get("value", "on"))
        elif tag == "input":
            control.values.append(attributes.get("value", ""))
        elif tag == "select":
            self._select = control
        else:
            control.values.append("")
            self._text = control

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.values[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._text is not None:
            # A browser drops the line break after the tag, and submits the others as CR LF.
            text = self._text.values[-1].replace("\r\n", "\n").removeprefix("\n")
            self._text.values[-1] = text
            self._text = None
