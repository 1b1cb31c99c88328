"""Fill in and read the controls of a form, whatever they are."""

from playwright.sync_api import Locator, Page

Values = dict[str, list[str]]


def enter(page: Page, form: str, values: Values) -> None:
    """Enter values by control name. Of a group of checkboxes exactly the given ones get ticked;
    values that it lacks go into the text area beside it. Hidden controls are skipped."""
    for name, entries in values.items():
        controls = page.locator(f'{form} [name="{name}"]')
        kind = controls.first.evaluate("control => control.type") if controls.count() else ""
        if kind == "checkbox":
            _tick(page, form, name, controls, entries)
        elif kind == "radio":
            page.locator(f'{form} [name="{name}"][value="{entries[0]}"]').check()
        elif kind == "select-one":
            controls.select_option(entries[0])
        elif kind and controls.is_visible():
            controls.fill(entries[0])


def _tick(page: Page, form: str, name: str, boxes: Locator, entries: list[str]) -> None:
    offered = boxes.evaluate_all("boxes => boxes.map(box => box.value)")
    for index, value in enumerate(offered):
        if boxes.nth(index).is_visible():
            boxes.nth(index).set_checked(value in entries)
    missing = [entry for entry in entries if entry not in offered]
    if missing:
        page.fill(f'{form} [name="{name}_more"]', "\n".join(missing))


def shown(page: Page, form: str, names: list[str]) -> Values:
    """Return what the browser would submit of these controls."""
    return page.locator(form).evaluate(
        """(form, names) => {
            const data = new FormData(form)
            return Object.fromEntries(names.map(name => [name, data.getAll(name)
                .map(value => value.replaceAll("\\r\\n", "\\n"))]))
        }""",
        names,
    )
