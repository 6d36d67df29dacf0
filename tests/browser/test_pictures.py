"""The README's pictures: taken from the gallery, so that they show what the pages look like today."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


@pytest.mark.parametrize(
    ("name", "path", "width", "height"), [("map-1280", "/map/all", 1280, 900), ("tracking-360", "/track/in_progress", 360, 800)]
)
def test_the_readme_shows_the_page_as_it_is(chromium: Browser, site: str, name: str, path: str, width: int, height: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": height}, locale="id-ID")
    page.goto(site + path)
    PICTURES.mkdir(exist_ok=True)
    written = page.screenshot(path=PICTURES / f"{name}.png")
    page.close()
    assert written.startswith(b"\x89PNG")
