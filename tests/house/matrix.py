"""docs/routes.md: who may open which address, written from the table that the tests hold every address to.

Run ``python -m tests.house.matrix`` after changing ``tests/house/routes.py``.
"""

from pathlib import Path

from tests.house.routes import PUBLIC, ROUTES, WHO

PAGE = Path(__file__).resolve().parents[2] / "docs" / "routes.md"
HEAD = """# Who may open what

Written by `python -m tests.house.matrix` from `tests/house/routes.py`, to which `tests/house/test_routes.py` holds
every address for every role. *reads*: opens it. *acts*: may post to it. *finds*: only what is within their reach.
*–*: refused, or led to sign in. An agent's own user is answered like somebody who is not signed in.
"""
REFUSED = {302, 401, 403, 404, 405, 286}
SHOWN = [who for who in WHO if who != "agent"]


def say(name: str, place: int) -> str:
    """What one role may do at one address."""
    get, post = ROUTES[name]["GET"][place], ROUTES[name]["POST"][place]
    outside = ROUTES[name]["POST"][0]
    reads = get == 200
    acts = post in {200, 400, 409, 422} or (post == 302 and place > 1 and outside == 302 and get in {200, 405})
    words = [word for word, holds in (("reads", reads), ("acts", acts)) if holds]
    if not words and place > 1 and 404 in (get, post):
        return "finds"
    return ", ".join(words) or "–"


def write_page() -> str:
    """The whole page as Markdown."""
    lines = [HEAD, "| address | " + " | ".join(SHOWN) + " |", "|---" * (len(SHOWN) + 1) + "|"]
    for name in sorted(ROUTES):
        cells = [say(name, WHO.index(who)) for who in SHOWN]
        lines.append(f"| `{name}`{' (public)' if name in PUBLIC else ''} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page())
