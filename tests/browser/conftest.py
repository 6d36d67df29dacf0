"""Chromium and the gallery. Package scope: Playwright's loop must be gone before any asynchronous test of the session runs."""

import shutil
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.gallery import gallery
from tests.stack import free_port

FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root otherwise
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def site() -> Iterator[str]:
    """Where the gallery answers."""
    server = uvicorn.Server(uvicorn.Config(gallery(), port=free_port(), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        thread.join(0.02)
    assert server.started, "the gallery does not answer"
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package", params=[True, False], ids=["js", "nojs"])
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """An Indonesian reader's browser, with and without scripts."""
    context = chromium.new_context(java_script_enabled=request.param, locale="id-ID")
    context.set_default_timeout(10_000)
    yield context
    context.close()
