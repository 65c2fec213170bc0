"""Let quotequail find the new words of mails; prints what it found in each, two ways, and the seconds each way took."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import quotequail


def shown(text: str, html: str) -> str:
    """What it would show unfolded."""
    if text or not html:
        return "".join(part for unfolded, part in quotequail.quote(text, quote_intro_line=True) if unfolded)
    return "".join(part for unfolded, part in quotequail.quote_html(html, quote_intro_line=True) if unfolded)


def around(text: str, html: str) -> str:
    """What stands above and below the mail it unwraps; all of it where it sees no earlier mail."""
    if text or not html:
        found, top, bottom = quotequail.unwrap(text), "text_top", "text_bottom"
    else:
        found, top, bottom = quotequail.unwrap_html(html), "html_top", "html_bottom"
    if found is None:
        return text or html
    return "\n".join(found[part] for part in (top, bottom) if found.get(part))


def read_all(mails: list[list[str]], read: Callable[[str, str], str]) -> tuple[list[str], float]:
    """The replies and the seconds; what it cannot read is empty."""
    found, begun = [], time.perf_counter()
    for text, html in mails:
        try:
            found.append(read(text, html))
        except Exception:
            found.append("")
    return found, time.perf_counter() - begun


def main() -> None:
    """The mails come as JSON: a list of text and HTML."""
    mails = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = {read.__name__: read_all(mails, read) for read in (shown, around)}
    print(json.dumps(answers))


main()
