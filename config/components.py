"""The tags and filters pages are written with; docs/pages.md is the manual.

Leaves are includes of `components/<name>.html`. What has a body or needs arithmetic is a tag here; parameters are
keyword-only and named as the template's declaration names them, so that a wrong name fails in the test.
"""

import re
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template import Context, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from accounts.presence import word_presence
from agents import panes as pane_register
from config import charts, looks, wording

register = template.Library()

register.filter("moment", wording.say_moment)
register.filter("duration", wording.say_duration)
register.filter("percent", wording.say_percent)
register.filter("to_percent", wording.to_percent)
register.filter("level_look", looks.level_look)
register.filter("kind_look", looks.kind_look)
register.filter("presence_look", word_presence)
register.filter("sure_look", looks.sure_look)

# Unguessable, so that no text of a customer can pass for a part of a component.
_MARK = secrets.token_hex(8)
_PART = re.compile(rf"<!--{_MARK}:(\w+)-->(.*?)<!--/{_MARK}-->", re.DOTALL)


@register.filter
def moment_short(at: Any) -> str:
    """A moment for a list: "08:02", "Yesterday", "Mon", "11 June"."""
    return wording.say_moment(at, short=True)


@register.filter
def initials(name: str) -> str:
    """Up to two capital letters for an avatar: first and last word's first letter."""
    words = [word for word in re.split(r"[\s@._-]+", str(name)) if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.filter
def local_path(url: str) -> str:
    """The address if it is a path on this site, else "": what comes in with a message is not trusted."""
    url = str(url)
    return url if re.fullmatch(r"/(?![/\\])[^\s\\]*", url) else ""


@register.filter
def undo_url(tags: str) -> str:
    """The path after "undo:" in a message's extra tags, "" when there is none."""
    found = next((tag for tag in (tags or "").split() if tag.startswith("undo:")), "")
    return local_path(found.removeprefix("undo:"))


@register.filter
def toast_look(level_tag: str) -> str:
    """The look of a toast for a message's level."""
    return {"error": "bad", "warning": "caution"}.get(level_tag, "good")


@register.filter
def lines(text: Any) -> list[str]:
    """The lines of a text, for a toast whose second line is small."""
    return str(text).splitlines()


@register.filter
def key_cap(key: str) -> str:
    """A data-key as it is printed on a key: "mod+enter" is "Ctrl ↵", "g r" is "G R"."""
    return str(key).replace("mod+", "Ctrl ").replace("enter", "↵").title()


@register.filter
def banner_icon(look: str) -> str:
    """The icon a banner of this look carries unless told otherwise."""
    return looks.BANNERS[look or ""]


@lru_cache(maxsize=1024)
def _draw_icon(name: str, css: str) -> SafeString:
    try:
        drawn = lucide(name, size=None, aria_hidden="true", **{"class": css})
    except IconDoesNotExist:
        drawn = lucide("circle", size=None, aria_hidden="true", **{"class": css})
    return SafeString(re.sub(r">\s+<", "><", drawn.strip()))


@register.simple_tag
def icon(name: str, *, size: str = "", look: str = "") -> SafeString:
    """A lucide icon inline, hidden from screen readers. size: "", small, large. look: an extra class (ok, warn, no)."""
    css = " ".join(part for part in ("icon", f"icon--{size}" if size else "", look) if part)
    return _draw_icon(str(name), css)


def _render(name: str, **params: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", params)


def _split(content: str, *names: str) -> dict[str, SafeString]:
    """Take the named parts out of a body: {"body": rest, "<name>": part or ""}."""
    found = dict.fromkeys(names, SafeString(""))
    for name, text in _PART.findall(content):
        if name not in found:
            raise TemplateSyntaxError(f"There is no part {name!r} here; there are: {', '.join(names) or 'none'}.")
        found[name] = SafeString(text)
    return {**found, "body": SafeString(_PART.sub("", content).strip())}


@register.simple_block_tag
def part(content: str, name: str) -> SafeString:
    """A named part of the surrounding component: `{% part "foot" %}…{% endpart %}`."""
    return format_html("<!--{}:{}-->{}<!--/{}-->", _MARK, name, SafeString(content), _MARK)


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str = "",
    id: str = "",  # noqa: A002
    heading: int = 2,
    icon: str = "",
    look: str = "",
    note: str = "",
    flush: bool = False,
) -> SafeString:
    """A card. Parts: head (beside the title), foot."""
    params = {"title": title, "id": id, "heading": heading, "icon": icon, "look": look, "note": note, "flush": flush}
    return _render("card", **params, **_split(content, "head", "foot"))


@register.simple_block_tag
def fieldset(content: str, *, legend: str, hint: str = "", error: str = "", id: str = "") -> SafeString:  # noqa: A002
    """Controls of one's own under one legend."""
    return _render("fieldset", legend=legend, hint=hint, error=error, id=id, **_split(content))


@register.simple_block_tag
def drawer(
    content: str,
    *,
    title: str,
    id: str = "detail",  # noqa: A002
    lead: str = "",
    close_url: str = "",
    open: bool = True,  # noqa: A002
) -> SafeString:
    """Detail of a row beside its list. Parts: head (pills over the title), lead (with links), foot (the decision)."""
    parts = _split(content, "head", "lead", "foot")
    parts["lead"] = parts["lead"] or format_html("{}", lead)
    return _render("drawer", title=title, id=id, close_url=close_url, open=open, **parts)


@register.simple_block_tag(takes_context=True)
def dialog(
    context: Context,
    content: str,
    *,
    id: str,  # noqa: A002
    title: str,
    action: str = "",
    open: bool = False,  # noqa: A002
) -> SafeString:
    """A choice that stops everything. With `action` it posts there. Part: foot (the way back is a part of it)."""
    token = context.get("csrf_token", "")
    return _render("dialog", id=id, title=title, action=action, open=open, token=token, **_split(content, "foot"))


@register.simple_block_tag
def banner(
    content: str, *, title: str, look: str = "", icon: str = "", small: bool = False, alert: bool = False
) -> SafeString:
    """Something to know before going on. Part: actions."""
    params = {"title": title, "look": look, "icon": icon or banner_icon(look), "small": small, "alert": alert}
    return _render("banner", **params, **_split(content, "actions"))


@register.simple_block_tag
def menu(content: str, *, label: str, icon: str = "", small: bool = False, quiet: bool = False) -> SafeString:
    """A button that opens a list of commands; with `icon` only the icon is seen and the label is read."""
    return _render("menu", label=label, icon=icon, small=small, quiet=quiet, **_split(content))


@register.simple_block_tag
def aside(content: str, *, label: str) -> SafeString:
    """The helper column of `with-aside`."""
    return _render("aside", label=label, **_split(content))


@register.simple_block_tag
def mail(
    content: str,
    *,
    sender: str,
    at: Any = None,
    to: str = "",
    look: str = "",
    label: str = "",
    id: str = "",  # noqa: A002
) -> SafeString:
    """A message as a card. look: "", out, agent, note. Part: foot (attachments, what is hidden)."""
    params = {"sender": sender, "at": at, "to": to, "look": look, "label": label, "id": id}
    return _render("mail", **params, **_split(content, "foot"))


@register.simple_block_tag
def composer(
    content: str,
    *,
    title: str,
    look: str = "",
    confidence: float | None = None,
    note: str = "",
    id: str = "draft",  # noqa: A002
) -> SafeString:
    """Where the answer is written. look: "", draft, note. Parts: to, aside (sources, checks), foot (the decision)."""
    params = {"title": title, "look": look, "confidence": confidence, "note": note, "id": id}
    return _render("composer", **params, **_split(content, "to", "aside", "foot"))


@register.simple_block_tag
def entry(
    content: str,
    *,
    who: str = "",
    at: Any = None,
    icon: str = "",
    by: str = "system",
    level: str = "",
    why: str = "",
    undo_url: str = "",
) -> SafeString:
    """One line of a timeline, or a mail in it. by: person, customer, agent, system. Part: mail (a whole card)."""
    params = {"who": who, "at": at, "icon": icon, "by": by, "level": level, "why": why, "undo_url": undo_url}
    return _render("entry", **params, **_split(content, "mail"))


@register.simple_tag
def field(bound: BoundField, *, look: str = "", hint: str = "") -> SafeString:
    """A form field with label, hint and error. look: "", switch, segmented, levels, bare (label only read)."""
    if hint:
        bound.help_text = hint
    return _render("field", field=bound, look=look)


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """What is wrong with the whole form, and links to its fields when two or more are wrong."""
    wrong = [form[name] for name in form.errors if name in form.fields]
    return _render("error_summary", errors=form.non_field_errors(), wrong=wrong if len(wrong) > 1 else [])


@register.simple_tag
def chart(
    *, title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]], look: str = "lines"
) -> SafeString:
    """Numbers over time as SVG with a legend in words and the table behind it. look: lines, bars."""
    plot = charts.draw_plot(labels, series, bars=look == "bars")
    return _render("chart", title=title, plot=plot, look=look)


@register.simple_tag
def bars(
    *, label: str, low_name: str, high_name: str, low: int, high: int, counts: Sequence[int] = (), step: int = 5
) -> SafeString:
    """Two thresholds of one field, in percent, over the histogram of past confidences (equal bins, 0 to 100 %)."""
    low, high = int(low), max(int(low), int(high))
    params = {"label": label, "low_name": low_name, "high_name": high_name, "low": low, "high": high, "step": step}
    shape = {"hist": charts.draw_histogram(counts), "counts": ",".join(map(str, counts)), "between": high - low}
    return _render("bars", **params, **shape, over=100 - high, shares=charts.share_counts(counts, low, high))


@register.simple_tag
def cite(number: int, *, target: str = "") -> SafeString:
    """The evidence mark inside a sentence, without a space before what follows."""
    return SafeString(_render("cite", number=number, target=target).strip())


@register.simple_tag(takes_context=True)
def panes(context: Context, slot: str, subject: Any = None) -> SafeString:
    """Everything other apps offer for this place of the page and this user, in order."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return SafeString("")
    listed = pane_register.list_panes(slot, subject, user)
    return SafeString("".join(render_to_string(pane.template, shown, request) for pane, shown in listed))
