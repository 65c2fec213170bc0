"""The one tag through which an article's Markdown becomes HTML, and the one that lights words."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from knowledge.rendering import render_markdown
from knowledge.search import light_words

register = template.Library()


@register.simple_tag
def markdown(text: str) -> SafeString:
    """An article's Markdown as safe HTML."""
    return render_markdown(text)


@register.simple_tag
def lit(text: str, query: str) -> SafeString:
    """A text in which the words of the query are marked."""
    pieces = light_words(text, query)
    return format_html_join(
        "",
        "{}",
        ((format_html('<mark class="evidence">{}</mark>', piece) if is_lit else piece,) for piece, is_lit in pieces),
    )
