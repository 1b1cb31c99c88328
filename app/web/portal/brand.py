"""A brand colour as a stylesheet, because pages permit no inline styles."""

from flask import Response

from app.domain.common.errors import Invalid
from app.domain.portal.colors import accent, check_color, readable_on

# The states keep their colours, so that a brand in red does not look like a failure.
_STATES = {
    "sending": "light-dark(#1d3fb4, #9db1ff)",
    "sending-soft": "light-dark(#e9edfb, #20284a)",
}


def stylesheet(color: str, selector: str) -> Response | None:
    """color: six or three hexadecimal digits. selector: what gets the colours. None: not a
    colour."""
    try:
        checked = check_color(f"#{color}", "color")
    except Invalid:
        return None
    assert checked is not None
    light, dark = accent(checked, is_dark=False), accent(checked, is_dark=True)
    variables = {
        "brand": checked,
        "on-brand": readable_on(checked),
        "accent": f"light-dark({light.text}, {dark.text})",
        "accent-soft": f"light-dark({light.soft}, {dark.soft})",
        "accent-fill": f"light-dark({light.fill}, {dark.fill})",
        "accent-fill-hover": f"light-dark({light.hover}, {dark.hover})",
        "accent-check": f"light-dark({light.check}, {dark.check})",
        "on-accent": f"light-dark({light.on_fill}, {dark.on_fill})",
        "focus": f"light-dark({light.text}, {dark.text})",
    }
    lines = [f"  --{name}: {value};" for name, value in (variables | _STATES).items()]
    rule = "\n".join([f"{selector} {{", *lines, "}\n"])
    return Response(rule, mimetype="text/css", headers={"Cache-Control": "max-age=86400"})
