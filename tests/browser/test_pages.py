"""Every page of the gallery in real Chromium: what pages.md demands of all."""

import urllib.request

import pytest
from playwright.sync_api import BrowserContext

from shared.pages.render import CSP
from tests.browser import gallery
from tests.browser.visit import visiting, weight

pytestmark = pytest.mark.browser
PATHS = sorted(gallery.pages())
CITIZEN = tuple(path for path in PATHS if path.startswith(("/submit", "/track", "/receipt")))
MAPS = tuple(path for path in PATHS if path.startswith("/map"))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_is_accessible_and_keeps_to_itself(context: BrowserContext, site: str, path: str, width: int) -> None:
    with visiting(context, site, width) as visit:
        visit.go(path)
        assert visit.status == {"/problem/not-found": 404, "/problem/unavailable": 503}.get(path, 200)
        assert visit.layout_shift() == 0
        visit.open_details()
        assert visit.violations() == []
        assert visit.sideways() <= 0
        assert visit.spilled() == []
        assert visit.messages == [], "CSP or other complaints of the browser"
        assert visit.foreign_requests == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_the_narrowest_phone_in_both_languages(context: BrowserContext, site: str, path: str) -> None:
    with visiting(context, site, 320) as visit:
        for language in ("id", "en"):
            visit.go(f"{path}?bahasa={language}")
            visit.open_details()
            assert visit.page.locator("html").get_attribute("lang") == language
            assert visit.sideways() <= 0
            assert visit.spilled() == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_light_and_has_no_script_or_inline_style(site: str, path: str) -> None:
    try:
        answer = urllib.request.urlopen(site + path)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        html = answer.read().decode()
        assert answer.headers["Content-Security-Policy"] == CSP
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in html
    assert " style=" not in html
    assert "<style" not in html
    if path not in ("/problem/not-found", "/problem/unavailable"):
        bar = 15_000 if path in CITIZEN else 40_000 if path in MAPS else 60_000
        assert weight(site + path) <= bar


@pytest.mark.parametrize("path", ["/submit/story", "/track/resolved", "/map/all"])
def test_every_stop_of_the_keyboard_shows_its_focus(context: BrowserContext, site: str, path: str) -> None:
    with visiting(context, site, 360) as visit:
        visit.go(path)
        stops = 0
        while stops < 120:
            visit.page.keyboard.press("Tab")
            seen = visit.page.evaluate(
                """() => { const e = document.activeElement; if (e === document.body) return null;
                  const of = e.closest('.kartu') || e.querySelector('.a') || e, s = getComputedStyle(of);
                  return s.outlineStyle !== 'none' || parseFloat(s.strokeWidth) > 2 }"""
            )
            if seen is None:
                break
            assert seen, f"stop {stops} has no visible focus"
            stops += 1
        assert stops > 5
