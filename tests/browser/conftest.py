"""A headless Chromium for the tests of pages, and the accessibility scan that every page passes."""

import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

# Playwright's loop runs in the test's thread; the tests read the database between its calls, never within them.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# What is there is found at once; only what fails waits so long (in ms), and a busy machine is no failure.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)
# The shell draws the same pages for two thirds of the processor time.
BROWSERS = ("chromium-headless-shell", "chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run; without one the tests are skipped by hand and fail under CI."""
    with sync_playwright() as play:
        try:
            browser = play.chromium.launch(
                executable_path=next(filter(None, map(shutil.which, BROWSERS)), None), args=ARGUMENTS
            )
        except Error as missing:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"No Chromium: {missing}")
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page: `new_page(width=1024, dark=False, javascript=True)`; errors in its console fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(*, width: int = 1024, dark: bool = False, javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=javascript,
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not errors, errors


@pytest.fixture
def sign_in() -> Callable[[Page, object, str], None]:
    """Sign a stored user in without the form: `sign_in(page, user, live_server.url)`."""

    def put_cookie(page: Page, user: object, url: str) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}])

    return put_cookie


def find_violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now, a line each: rule, number of places, the first place."""
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']} ×{len(rule['nodes'])}: {rule['nodes'][0]['html'][:160]}" for rule in found]


def find_overflow(page: Page) -> list[str]:
    """Elements that make the page wider than the window (empty when it does not scroll sideways)."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          const clipped = (el) => el && (getComputedStyle(el).overflowX !== "visible" || clipped(el.parentElement));
          return [...document.querySelectorAll("body *")]
            .filter((el) => el.getBoundingClientRect().right > wide + 1 && !clipped(el.parentElement))
            .slice(0, 5).map((el) => `${el.tagName}.${el.className} ${Math.round(el.getBoundingClientRect().right)}`);
        }"""
    )


# Colours that change with the theme do so over some frames: axe would read one on its way.
SETTLED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const ends = (one) => one.effect && Number.isFinite(one.effect.getComputedTiming().endTime);
  const moving = document.getAnimations().filter(ends).map((one) => one.finished.catch(() => null));
  Promise.all(moving).then(() => done(true));
})))"""
LOOKS = [(360, "light"), (1024, "dark"), (1600, "dark")]
SCANNED = [(360, "light"), (1600, "dark")]


def find_faults(page: Page) -> list[str]:
    """What is wrong with the page at any width, in either theme: what overflows, and what axe finds.

    Loaded once and looked at three times: widths change what fits, themes change what axe says of colours, and what is
    laid out for a phone is another tree than what is laid out for a desk. axe is slow: by day it takes one of the two
    for a page, which its address decides, every night (``ALL_LOOKS``) both.
    """
    found = []
    path = urlsplit(page.url).path
    scanned = SCANNED if "ALL_LOOKS" in os.environ else [SCANNED[zlib.crc32(path.encode()) % 2]]
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.evaluate(SETTLED)
        found += [f"{width} {theme}: {said}" for said in find_overflow(page)]
        if (width, theme) in scanned:
            found += [f"{width} {theme}: {said}" for said in find_violations(page)]
    return found


@pytest.fixture
def faults() -> Callable[[Page], list[str]]:
    """`find_faults` as a fixture: every page has one test that it returns nothing."""
    return find_faults


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """`find_violations` as a fixture, for the tests of other pages."""
    return find_violations


@pytest.fixture
def overflow() -> Callable[[Page], list[str]]:
    """`find_overflow` as a fixture, for the tests of other pages."""
    return find_overflow
