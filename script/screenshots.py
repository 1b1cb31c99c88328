"""Starts the product on an empty data directory, has it work, takes pictures; see the script."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from script.needs import NEEDS
from script.studio import Studio, sign_in_link
from tests.support.product import ROOT, Product

IMAGES = ROOT / "docs" / "images"
LARGEST = 300_000
# Colours that are used, and no others: flat pages become a third of their size.
PALETTE = "split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none"


@dataclass(frozen=True)
class Picture:
    """path: of the page, with the studio's words in it. height: of the screen, in pixels."""

    name: str
    path: str
    height: int = 900
    width: int = 1280
    theme: str = "light"


def pictures(studio: Studio) -> list[Picture]:
    ours = studio.hooks["aurora"]
    return [
        Picture("overview", "/?range=1h"),
        Picture("deliveries", "/deliveries"),
        Picture("delivery", f"/deliveries/{studio.story()}", theme="dark"),
        Picture("webhook", f"/webhooks/{ours}?range=1h"),
        Picture("failures", "/issues", width=390, height=844),
        Picture("webhook-form", f"/webhooks/{ours}/edit", height=1240),
    ]


def set_up(page: Page, link: str) -> str:
    """Somebody's first minutes, up to a catcher; its URL."""
    page.goto(link)
    page.get_by_label("Your e-mail").fill("mara@northlight.example")
    page.get_by_label("Your name").fill("Mara")
    page.get_by_label("Password").fill("three calm cue lights")
    page.get_by_label("Name of your organization").fill("Northlight Video")
    page.get_by_role("button", name="Save and begin").click()
    page.goto("/test-inbox")
    page.get_by_role("button", name="Create test inbox").click()
    return page.locator("#inbox-url").inner_text()


def take(browser: Browser, state: Any, base_url: str, wanted: Picture) -> None:
    with looking(browser, base_url, wanted, storage_state=state) as page:
        page.goto(wanted.path)
        page.wait_for_load_state("networkidle")
        whole = IMAGES / f"{wanted.name}.whole.png"
        page.screenshot(path=whole)
    made = IMAGES / f"{wanted.name}.png"
    command = ["ffmpeg", "-loglevel", "error", "-y", "-i", str(whole), "-vf", PALETTE, str(made)]
    subprocess.run(command, check=True)
    whole.unlink()
    size = made.stat().st_size
    assert size <= LARGEST, f"{made.name} has {size} bytes"
    print(f"{size / 1000:6.0f} kB  {made.relative_to(ROOT)}", flush=True)


@contextmanager
def looking(browser: Browser, base_url: str, wanted: Picture, **more: Any) -> Iterator[Page]:
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": wanted.width, "height": wanted.height},
        color_scheme=wanted.theme,  # type: ignore[arg-type]
        device_scale_factor=1.5,
        locale="en-GB",
        timezone_id="Europe/Oslo",
        **more,
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def shoot(browser: Browser, product: Product, directory: Path, minutes: float) -> None:
    with looking(browser, product.url, Picture("", "")) as page:
        url = set_up(page, sign_in_link(product))
        state = page.context.storage_state()
    studio = Studio(product, directory)
    try:
        studio.make({"name": "Trying it out", "preset": "encoding", "url": url})
        studio.work(minutes)
        for wanted in pictures(studio):
            take(browser, state, product.url, wanted)
    finally:
        studio.close()


def main(minutes: float) -> None:
    program = next((found for name in NEEDS["chromium"][0] if (found := shutil.which(name))), None)
    if program is None or not shutil.which("ffmpeg"):
        sys.exit("It needs Chromium and ffmpeg: apt-get install chromium ffmpeg")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshots-") as name:
        product = Product(Path(name))
        try:
            product.start()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
                shoot(browser, product, Path(name) / "encoded", minutes)
        finally:
            if product.process is not None:
                product.stop()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3)
