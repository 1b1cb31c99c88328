"""Start the product on an empty data directory, give it work, and take screenshots."""

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
# A palette of the colors used makes flat pages a third of the size.
PALETTE = "split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none"


@dataclass(frozen=True)
class Picture:
    """path: of the page. height, width: of the viewport, in pixels."""

    name: str
    path: str
    height: int = 900
    width: int = 1280
    theme: str = "light"


def pictures(studio: Studio) -> list[Picture]:
    webhook_id, story = studio.webhook_ids["aurora"], studio.story()
    return [
        Picture("overview", "/?range=1h"),
        Picture("deliveries", "/deliveries"),
        Picture("delivery", f"/deliveries/{story}", theme="dark"),
        Picture("comparison", f"/deliveries/{story}?compare=1,2#comparison"),
        Picture("webhook", f"/webhooks/{webhook_id}?range=1h"),
        Picture("issues", "/issues", width=390, height=844),
        Picture("chat", "/webhooks/new?preset=slack"),
        Picture("webhook-form", f"/webhooks/{webhook_id}/edit", height=1240),
    ]


def set_up(page: Page, link: str) -> str:
    """Sign up, create a test inbox and return its URL."""
    page.goto(link)
    page.get_by_label("Your email").fill("mara@northlight.example")
    page.get_by_label("Your name").fill("Mara")
    page.get_by_label("Password").fill("three calm cue lights")
    page.get_by_label("Organization name").fill("Northlight Video")
    page.get_by_role("button", name="Create account").click()
    page.goto("/test-inbox")
    page.get_by_role("button", name="Create test inbox").click()
    return page.locator("#inbox-url").inner_text()


def take(browser: Browser, state: Any, base_url: str, picture: Picture) -> None:
    with open_page(browser, base_url, picture, storage_state=state) as page:
        page.goto(picture.path)
        page.wait_for_load_state("networkidle")
        whole = IMAGES / f"{picture.name}.whole.png"
        page.screenshot(path=whole)
    image = IMAGES / f"{picture.name}.png"
    command = ["ffmpeg", "-loglevel", "error", "-y", "-i", str(whole), "-vf", PALETTE, str(image)]
    subprocess.run(command, check=True)
    whole.unlink()
    size = image.stat().st_size
    assert size <= LARGEST, f"{image.name} has {size} bytes"
    print(f"{size / 1000:6.0f} kB  {image.relative_to(ROOT)}", flush=True)


@contextmanager
def open_page(browser: Browser, base_url: str, picture: Picture, **more: Any) -> Iterator[Page]:
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.theme,  # type: ignore[arg-type]
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
    with open_page(browser, product.url, Picture("", "")) as page:
        url = set_up(page, sign_in_link(product))
        state = page.context.storage_state()
    studio = Studio(product, directory)
    try:
        studio.create({"name": "Test inbox", "preset": "encoding", "url": url})
        studio.work(minutes)
        for picture in pictures(studio):
            take(browser, state, product.url, picture)
    finally:
        studio.close()


def main(minutes: float) -> None:
    program = next((path for name in NEEDS["chromium"][0] if (path := shutil.which(name))), None)
    if program is None or not shutil.which("ffmpeg"):
        sys.exit("Chromium and ffmpeg are required: apt-get install chromium ffmpeg")
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
