"""The look in a browser: every component, both themes, three widths; the keyboard; and without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The gallery's addresses on a port of their own; none of them reads the database."""
    cookies = "django.contrib.messages.storage.cookie.CookieStorage"
    with override_settings(ROOT_URLCONF="tests.browser.gallery", ALLOWED_HOSTS=["*"], MESSAGE_STORAGE=cookies):
        server = LiveServerThread("127.0.0.1", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        assert server.error is None, server.error
        yield f"http://127.0.0.1:{server.port}"
        server.terminate()


@pytest.mark.parametrize("path", ["/gallery/", "/accounts/login/"])
def test_nothing_overflows_and_axe_finds_nothing(
    site: str, new_page: Callable[..., Page], faults: Callable[[Page], list[str]], path: str
) -> None:
    page = new_page()
    page.goto(site + path)
    assert faults(page) == []


def test_axe_finds_nothing_while_dialog_palette_and_key_overlay_are_open(
    site: str, new_page: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(width=1600)
    page.goto(site + "/gallery/")
    page.locator("[data-dialog-open=dlg]").click()
    expect(page.locator("#dlg")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys-help dl")).to_contain_text("Save as version 15")
    assert violations(page) == []


def test_rows_move_by_keys_and_rest_while_somebody_types(site: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(site + "/gallery/")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-select-row]").first).to_be_checked()
    expect(page.locator(".bulkbar")).to_contain_text("1 selected")
    page.keyboard.press("x")
    page.keyboard.press("/")
    page.keyboard.type("jx?")
    expect(page.locator("input[type=search]")).to_have_value("jx?")
    expect(page.locator("[data-select-row]").first).not_to_be_checked()


def test_the_second_threshold_never_falls_below_the_first(site: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(site + "/gallery/")
    page.locator("input[name=a]").fill("95")
    expect(page.locator("input[name=b]")).to_have_value("95")
    expect(page.locator("[data-share]").first).to_contain_text("% filled in")


def test_what_is_not_possible_can_be_focused_but_not_pressed(site: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(site + "/gallery/")
    button = page.locator("[aria-disabled=true]")
    button.focus()
    expect(button).to_be_focused()
    expect(button).to_contain_text("No mailbox is switched on")
    button.click(force=True)
    assert page.url.endswith("/gallery/")


def test_the_theme_is_chosen_and_kept(site: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(site + "/gallery/")
    page.locator("[data-theme-next]").click()
    page.locator("[data-theme-next]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("[data-theme-next]").get_attribute("aria-label") == "Theme: dark"


def test_without_javascript_the_page_is_read_and_its_links_lead_on(site: str, new_page: Callable[..., Page]) -> None:
    page = new_page(width=360, javascript=False)
    page.goto(site + "/gallery/")
    expect(page.locator("h1")).to_have_text("Components")
    assert page.locator("[data-dialog-open=dlg]").get_attribute("href") == "/gallery/delete/"
    expect(page.locator(".toast button", has_text="Undo")).to_be_visible()
    page.locator("[popovertarget=nav]").click()
    expect(page.locator("#nav")).to_be_visible()
