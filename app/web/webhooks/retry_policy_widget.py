"""The retry policy in a form: a kind, and the parameters of that kind."""

from dataclasses import dataclass
from typing import Any

from wtforms import Form, SelectField, StringField

from app.domain.webhooks.settings.setting import Setting
from app.web.common.forms import choices, number_or_text

KINDS = {
    "exponential": "Exponential: each delay is a multiple of the previous one",
    "fixed": "Fixed: the same delay each time",
    "cubic": "Cubic: the attempt number, cubed",
    "schedule": "Schedule: your own list of delays",
}
LIST = "delays_seconds"


@dataclass(frozen=True, slots=True)
class Parameter:
    """start: what the field holds while another kind is selected."""

    label: str
    start: str
    kinds: tuple[str, ...]
    hint: str = ""


PARAMETERS = {
    "max_attempts": Parameter("Max attempts", "10", ("exponential", "fixed", "cubic")),
    "interval_seconds": Parameter("Delay (seconds)", "60", ("fixed",)),
    "base_seconds": Parameter("Initial delay (seconds)", "5", ("exponential",)),
    "factor": Parameter("Multiplier", "2", ("exponential",)),
    "cap_seconds": Parameter("Max delay (seconds)", "3600", ("exponential", "cubic")),
    "jitter": Parameter("Jitter (0 to 1)", "0", ("exponential",)),
    LIST: Parameter(
        "Retry delays (seconds)",
        "5, 300, 1800, 7200",
        ("schedule",),
        "Before attempts 2, 3 and so on, separated by commas.",
    ),
}


def controls(setting: Setting) -> dict[str, Any]:
    kind = SelectField(setting.label, choices=choices(KINDS), validate_choice=False)
    fields = {f"{setting.name}_kind": kind}
    for name, parameter in PARAMETERS.items():
        mode = {} if name == LIST else {"inputmode": "decimal"}
        attributes = {"autocomplete": "off"} | mode
        fields[f"{setting.name}_{name}"] = StringField(parameter.label, render_kw=attributes)
    return fields


def read(form: Form, setting: Setting) -> dict[str, Any] | None:
    kind = form[f"{setting.name}_kind"].data
    if not kind:
        return None
    policy: dict[str, Any] = {"kind": kind}
    for name, parameter in PARAMETERS.items():
        if kind not in parameter.kinds:
            continue
        text = form[f"{setting.name}_{name}"].data
        if name == LIST:
            parts = [number_or_text(part) for part in (text or "").split(",")]
            policy[name] = [part for part in parts if part is not None]
        elif (value := number_or_text(text)) is not None:
            policy[name] = value
    return policy


def fill(setting: Setting, policy: dict[str, Any]) -> dict[str, list[str]]:
    values = {"kind": policy["kind"]}
    values |= {name: parameter.start for name, parameter in PARAMETERS.items()}
    for name, value in policy.items():
        is_list = isinstance(value, list | tuple)
        values[name] = ", ".join(str(item) for item in value) if is_list else str(value)
    return {f"{setting.name}_{name}": [text] for name, text in values.items()}
