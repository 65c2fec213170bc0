"""Takes the pictures of the README from a running demo: ``python docs/screenshots.py [http://localhost:8000]``."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent / "images"
PASSWORD = "deskhand"  # noqa: S105 - the demo's


def sign_in(page: Page, address: str, person: str) -> None:
    """Sign in as a person of the sample company."""
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", person)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")


def take(page: Page, name: str) -> None:
    """Keep what is visible as a PNG."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


def main(address: str, person: str) -> None:
    """The review queue with a draft open, a case, and the admin center."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 680})
        sign_in(page, address, person)
        page.goto(f"{address}/review/?kind=cases.send_reply&order=oldest")
        page.locator(".row__title a").first.click()
        take(page, "review")
        page.goto(f"{address}/desk/?view=all")
        page.locator("a[href*='/desk/cases/']").first.click()
        take(page, "case")
        page.goto(f"{address}/manage/case-management/fields/")
        take(page, "fields")
        browser.close()


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000",
        sys.argv[2] if len(sys.argv) > 2 else "priya@haldenroe.example",
    )
