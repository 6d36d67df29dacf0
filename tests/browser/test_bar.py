"""The rest of the bar (pages.md, section 8): slow lines and slow phones, large text, zoom, forced colours, print."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import FLAGS
from tests.browser.visit import Visit, visiting
from tests.waiting import until

pytestmark = pytest.mark.browser

ASKED_OFTEN = ["/submit/story", "/track/in_progress", "/receipt", "/map/all"]
LCP = """() => { const observer = new PerformanceObserver(() => {});
  observer.observe({type: 'largest-contentful-paint', buffered: true});
  return Math.max(0, ...observer.takeRecords().map(entry => entry.startTime)) }"""
SLOW_3G = {"latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
LINE_400 = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""400 kbps in bytes a second, with the delays of the two lines of the bar in ms."""
TRIES = 3
"""The machine is shared: the best of three is what the page can do."""


@contextmanager
def slow(chromium: Browser, line: dict[str, int]) -> Iterator[Page]:
    """An empty cache behind a slow line, on a processor six times slower."""
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="id-ID")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", {"offline": False, **line})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    yield page
    context.close()


@pytest.mark.parametrize("path", ASKED_OFTEN)
@pytest.mark.parametrize(("line", "bar_ms"), [(LINE_400, 2500), (SLOW_3G, 5000)], ids=["400ms", "slow3g"])
def test_the_first_screen_comes_soon_on_a_slow_line(
    chromium: Browser, site: str, path: str, line: dict[str, int], bar_ms: int
) -> None:
    seen: list[float] = []
    while len(seen) < TRIES and not any(each <= bar_ms for each in seen):
        with slow(chromium, line) as page:
            page.goto(site + path)
            seen.append(until("something is painted", lambda: page.evaluate(LCP), 20))
    assert any(each <= bar_ms for each in seen), f"largest contentful paint after {seen} ms"


@pytest.fixture(scope="module")
def large_text(chromium: Browser) -> Iterator[BrowserContext]:
    """The browser of a reader who has set text to twice its size, which moves the breakpoints too."""
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[*FLAGS, "--blink-settings=defaultFontSize=32"]
    )
    yield browser.new_context(locale="id-ID")
    browser.close()


@pytest.mark.parametrize("path", ASKED_OFTEN)
@pytest.mark.parametrize("width", [640, 1280])
def test_text_twice_as_large_stays_on_the_page(large_text: BrowserContext, site: str, path: str, width: int) -> None:
    with visiting(large_text, site, width) as visit:
        visit.go(path)
        assert visit.page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "32px"
        assert_readable(visit)


@pytest.mark.parametrize("path", ASKED_OFTEN)
def test_at_four_times_zoom_nothing_must_be_scrolled_sideways(context: BrowserContext, site: str, path: str) -> None:
    with visiting(context, site, 1280 // 4) as visit:  # a window of 1280 pixels at 400 % has 320 CSS pixels
        visit.page.set_viewport_size({"width": 320, "height": 256})
        visit.go(path)
        assert_readable(visit)


def assert_readable(visit: Visit) -> None:
    visit.open_details()
    assert visit.sideways() <= 0
    assert visit.spilled() == []


@pytest.mark.parametrize("path", ASKED_OFTEN)
def test_forced_colours_leave_every_button_a_border_and_every_status_a_word(chromium: Browser, site: str, path: str) -> None:
    context = chromium.new_context(forced_colors="active", locale="id-ID")
    page = context.new_page()
    page.goto(site + path)
    bare = page.evaluate(
        """() => [...document.querySelectorAll('main button, main a.tombol, main input, main select, main textarea')]
             .filter(each => each.checkVisibility() && each.type !== 'hidden' && !each.closest('.kartu'))
             .filter(each => !/tautan|sembunyi/.test(each.className))
             .filter(each => parseFloat(getComputedStyle(each).borderTopWidth) === 0).map(each => each.outerHTML.slice(0, 80))"""
    )
    wordless = page.evaluate("() => [...document.querySelectorAll('.status')].filter(each => !each.innerText.trim()).length")
    context.close()
    assert bare == []
    assert wordless == 0


@pytest.mark.parametrize(("path", "pages"), [("/track/in_progress", 3), ("/receipt", 2), ("/map/all", 12)])
def test_a_page_prints_on_few_sheets_without_navigation(chromium: Browser, site: str, path: str, pages: int) -> None:
    page = chromium.new_page(locale="id-ID")
    page.goto(site + path)
    printed = page.pdf(format="A4")
    page.emulate_media(media="print")
    hidden = page.evaluate("() => [...document.querySelectorAll('nav, form')].filter(each => each.checkVisibility()).length")
    page.close()
    assert 1 <= printed.count(b"/Type /Page\n") <= pages
    assert hidden == 0
