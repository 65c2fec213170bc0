"""Markdown of articles as safe HTML. Pure."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

TAGS = {
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote", "a", "hr",
    "br", "div", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"scope"}}
CLASSES = {"div": {"table-wrap"}, "table": {"table"}}
SCHEMES = {"http", "https", "mailto", "tel"}


class _Renderer(RendererHTML):
    """Tables as ours; pictures as their descriptions, for our pages load nothing from elsewhere."""

    def table_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return '<div class="table-wrap"><table class="table">'

    def table_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return "</table></div>"

    def th_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return '<th scope="col">'

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return f"<em>{self.renderInlineAsText(tokens[at].children or [], options, env)}</em>"


@cache
def _markdown() -> MarkdownIt:
    """HTML in an article is text, as everything else that people type."""
    return MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable(["table", "strikethrough"])


def render_markdown(text: str) -> SafeString:
    """``text`` as HTML that is safe in a page whose ``h1`` is the title: its highest heading becomes an ``h2``."""
    tokens = _markdown().parse(text.replace("\x00", ""))
    levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = 2 - min(levels, default=2)
    deepest = 1
    for token in tokens:
        if token.type == "heading_open":
            deepest = min(int(token.tag[1]) + shift, deepest + 1, 6)
            token.tag = f"h{deepest}"
        elif token.type == "heading_close":
            token.tag = f"h{deepest}"
    html = _markdown().renderer.render(tokens, _markdown().options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return SafeString(re.sub(r"\n+", "\n", clean).strip())
