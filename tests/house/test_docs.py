"""What the pages of docs/ name is there."""

import re

from tests.house.test_imports import MAY_IMPORT, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TO_COME = {"agents/llm.py", "agents/pii.py", "agents/fetch.py"}


def test_files_that_are_named_exist():
    missing = []
    for page in PAGES:
        for name in re.findall(r"`((?:\w+/)+[\w.-]+\.(?:py|md|html|css|txt|json))`", page.read_text()):
            top = name.split("/")[0]
            known = top in {*MAY_IMPORT, "docs", "static", "templates", "tests", "sample", "bench", "decisions"}
            if (
                known
                and name not in TO_COME
                and not any((ROOT / base / name).exists() for base in ("", "docs", "templates"))
            ):
                missing.append(f"{page.name}: {name}")
    assert missing == []


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_table_of_imports_is_the_one_that_is_tested():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", (ROOT / "docs" / "house.md").read_text(), re.MULTILINE)
    told = {app: set(re.findall(r"\w+", allowed)) & set(MAY_IMPORT) for app, allowed in rows if app in MAY_IMPORT}
    assert {app: MAY_IMPORT[app] for app in told if app != "config"} == {
        app: allowed for app, allowed in told.items() if app != "config"
    }
    assert set(told) == set(MAY_IMPORT)
