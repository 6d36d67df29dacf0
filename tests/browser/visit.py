"""One visit of a page in Chromium and what must hold of it: the bar of pages.md, section 8. Also for pages of a running demo."""

import gzip
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
SHIFTS = """() => { const observer = new PerformanceObserver(() => {});
  observer.observe({type: 'layout-shift', buffered: true});
  return observer.takeRecords().reduce((total, entry) => total + entry.value, 0) }"""
"""Without a timer or a promise: where scripts are off, neither ever comes back."""

SCRIPTS_ARE_OFF = """() => { const probe = document.createElement('div');
  probe.innerHTML = '<noscript><p></p></noscript>';  // parsed as elements only where scripts are off
  return probe.querySelector('p') !== null }"""


@dataclass
class Visit:
    """An open page, and what it said and asked for on the way. `status`: of the answer."""

    page: Page
    origin: str
    status: int = 0
    messages: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Opens `path`; what the browser says about a status that is meant is no message of the page."""
        answer = self.page.goto(self.origin + path)
        assert answer is not None
        self.status = answer.status
        self.messages = [text for text in self.messages if "status of" not in text]

    @property
    def foreign_requests(self) -> list[str]:
        """What was asked from anywhere else."""
        return [url for url in self.requested if not url.startswith(self.origin + "/")]

    def open_details(self) -> None:
        """Unfolds everything that folds."""
        self.page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")

    def sideways(self) -> int:
        """By how many CSS pixels the page is wider than the window."""
        return int(self.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def spilled(self) -> list[str]:
        """Text and fields that stick out of their card."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('.lembar')].filter(each => each.scrollWidth > each.clientWidth + 1)
                 .map(each => each.innerText.slice(0, 60))"""
        )
        return found

    def violations(self) -> list[str]:
        """What axe-core finds, a line each: rule, where, why.

        Nothing where scripts are off: it needs timers, which then never fire. Our pages have no scripts, so they are the same.
        """
        if self.page.evaluate(SCRIPTS_ARE_OFF):
            return []
        response: dict[str, Any] = Axe().run(self.page, options=WCAG).response
        return [
            f"{found['id']} ({found['impact']}): {node['html'][:160]}"
            for found in response["violations"]
            for node in found["nodes"]
        ]

    def layout_shift(self) -> float:
        """The cumulative layout shift so far."""
        return float(self.page.evaluate(SHIFTS))


@contextmanager
def visiting(context: BrowserContext, origin: str, width: int) -> Iterator[Visit]:
    """A page of its own, `width` CSS pixels wide."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    visit = Visit(page, origin)
    page.on("console", lambda message: visit.messages.append(message.text))
    page.on("pageerror", lambda error: visit.messages.append(str(error)))
    page.on("request", lambda request: visit.requested.append(request.url))
    yield visit
    page.close()


def weight(url: str) -> int:
    """Bytes of HTML and style sheet, compressed."""
    html = _read(url)
    sheet = html.split('rel="stylesheet" href="', 1)[1].split('"', 1)[0]
    origin = "/".join(url.split("/")[:3])
    return sum(len(gzip.compress(text.encode())) for text in (html, _read(origin + sheet)))


def _read(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())
