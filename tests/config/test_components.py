"""Every component with typical, empty, too long and hostile values, and the manners of all templates."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import TemplateSyntaxError, engines
from django.template.loader import render_to_string
from lucide import _load_icon

from config import components

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
DECLARED = re.compile(r"^  (\w+) +(needed|default|part)\b", re.MULTILINE)
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 }}"
LONG = "Donaudampfschifffahrtsgesellschaft" * 6

# Values of a needed parameter, and of those that are codes: everything else is text and is tried with hostile words.
CODES = {
    "level": "ask",
    "kind": "cases.send_reply",
    "look": "",
    "size": "",
    "icon": "send",
    "dot": "good",
    "heading": 2,
    "by": "agent",
    "better": "yes",
}
NUMBERS = {
    "confidence": 0.72,
    "done": 3,
    "total": 9,
    "number": 2,
    "low": 50,
    "high": 80,
    "step": 5,
    "between": 30,
    "over": 20,
}
BLOCKS = {"card", "fieldset", "drawer", "dialog", "banner", "menu", "aside", "mail", "composer", "entry"}
TAGS = {"field", "form", "error_summary", "chart", "bars"}


class Reading(HTMLParser):
    """What a browser would find: elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def declared(path: Path) -> dict[str, str]:
    """The parameters a component's first comment declares: name → needed, default or part."""
    return dict(DECLARED.findall(path.read_text().split("{% endcomment %}")[0]))


def lists_of(text: str) -> dict[str, object]:
    """The parameters that are lists, filled with one text."""
    return {
        "rows": [{"label": text, "before": text, "after": text, "number": 1}],
        "lines": [("+", text), ("-", text), (" ", text)],
        "links": [(text, "/a/"), (text, "")],
        "checks": [("ok", text), ("warn", text), ("no", text)],
        "steps": [{"text": text, "more": text, "state": "done"}, {"text": text, "state": "next"}],
        "items": [{"text": text, "url": "/a/", "icon": "send", "more": text}],
        "facts": [(text, text)],
        "operators": [(text, text)],
        "choices": [(text, text)],
        "messages": [],
    }


def values_for(path: Path, text: str) -> dict[str, object]:
    """Every declared parameter of a leaf, filled with one text where it takes text."""
    known = {**CODES, **NUMBERS, **lists_of(text), "at": None, "due": False}
    if path.stem == "tabs":
        known["links"] = [{"text": text, "url": "/a/", "count": 3}]
    return {name: known.get(name, text) for name in declared(path)}


# With nothing to say these say nothing: no other page, no time.
SILENT = {"pagination", "when"}
LEAVES = [path for path in COMPONENTS if path.stem not in BLOCKS | TAGS]


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: path.stem)
@pytest.mark.parametrize("text", ["Ready", "", LONG, HOSTILE], ids=["typical", "empty", "long", "hostile"])
def test_a_leaf_renders_and_text_stays_text(path: Path, text: str) -> None:
    assert_harmless(render_to_string(f"components/{path.name}", values_for(path, text)))


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: path.stem)
def test_a_leaf_needs_no_more_than_what_it_declares_as_needed(path: Path) -> None:
    values = values_for(path, "Ready")
    needed = {name: values[name] for name, kind in declared(path).items() if kind == "needed"}
    drawn = render_to_string(f"components/{path.name}", needed)
    assert bool(drawn.strip()) != (path.stem in SILENT)


@pytest.mark.parametrize("name", sorted(BLOCKS))
@pytest.mark.parametrize("text", ["Ready", LONG, HOSTILE], ids=["typical", "long", "hostile"])
def test_a_block_renders_its_parts_and_text_stays_text(name: str, text: str) -> None:
    kinds = declared(TEMPLATES / "components" / f"{name}.html")
    codes = {**CODES, "at": None, "confidence": 0.4, "level": "auto"}
    given = {key: codes.get(key, text) for key, kind in kinds.items() if kind != "part" and key != "token"}
    parts = [key for key, kind in kinds.items() if kind == "part" and key not in {"body", "mail"}]
    source = f"{{% {name} {' '.join(f'{key}={key}' for key in given)} %}}{{{{ t }}}}"
    source += "".join(f'{{% part "{part}" %}}{{{{ t }}}} in {part}{{% endpart %}}' for part in parts)
    drawn = render(f"{source}{{% end{name} %}}", t=text, **given)
    assert_harmless(drawn)
    assert all(f" in {part}" in drawn for part in parts)


def test_a_part_goes_to_the_component_around_it_and_a_wrong_name_fails() -> None:
    drawn = render(
        '{% card title="Outer" %}{% card title="Inner" %}in{% part "foot" %}inner foot{% endpart %}{% endcard %}'
        '{% part "foot" %}outer foot{% endpart %}{% endcard %}'
    )
    assert drawn.index("inner foot") < drawn.index("outer foot")
    assert "<!--" not in drawn
    with pytest.raises(TemplateSyntaxError, match="no part 'feet'"):
        render('{% card title="A" %}{% part "feet" %}x{% endpart %}{% endcard %}')
    with pytest.raises(TemplateSyntaxError, match="unexpected keyword argument 'titel'"):
        render('{% card titel="A" %}{% endcard %}')


class SampleForm(forms.Form):
    """Two fields that can be wrong, a switch, and the levels."""

    name = forms.CharField(help_text="Shown in the record")
    wait = forms.IntegerField()
    running = forms.BooleanField(required=False)
    level = forms.ChoiceField(choices=[("off", "Off"), ("auto", "Acts at once")], widget=forms.RadioSelect)


def test_a_field_joins_label_hint_and_error() -> None:
    form = SampleForm({"name": "", "wait": "soon", "level": "auto"})
    read = Reading(str(form)).found
    name = next(attrs for tag, attrs in read if attrs.get("name") == "name")
    ids = {attrs["id"] for _tag, attrs in read if attrs.get("id")}
    assert name["class"] == "input"
    assert name["aria-invalid"] == "true"
    assert set(name["aria-describedby"].split()) <= ids
    assert any(tag == "label" and attrs.get("for") == name["id"] for tag, attrs in read)


def test_an_error_summary_links_to_the_fields_when_two_are_wrong_and_not_when_one_is() -> None:
    two = Reading(str(SampleForm({"name": "", "wait": "soon", "level": "auto"}))).found
    one = Reading(str(SampleForm({"name": "", "wait": "3", "level": "auto"}))).found
    assert [attrs["href"] for tag, attrs in two if tag == "a"] == ["#id_name", "#id_wait"]
    assert not [tag for tag, _attrs in one if tag == "a"]


def test_a_switch_and_the_levels_say_their_state_in_words() -> None:
    form = SampleForm()
    assert 'role="switch"' in render("{% field f.running look='switch' %}", f=form)
    levels = render("{% field f.level look='levels' %}", f=form)
    assert "Off" in levels
    assert "Full automation" in levels
    assert "Acts at once" in levels


def test_hostile_labels_hints_choices_and_values_stay_text() -> None:
    class Hostile(forms.Form):
        one = forms.CharField(label=HOSTILE, help_text=HOSTILE)
        two = forms.ChoiceField(label=HOSTILE, choices=[("a", HOSTILE)], widget=forms.RadioSelect)

    drawn = str(Hostile({"one": HOSTILE, "two": HOSTILE}))
    assert_harmless(drawn)
    assert_harmless(render("{% chart title=t labels=l series=s %}", t=HOSTILE, l=[HOSTILE], s=[(HOSTILE, [1])]))
    assert_harmless(render("{% bars label=t low_name=t high_name=t low=1 high=2 %}", t=HOSTILE))


def test_a_level_is_one_of_four_and_a_typo_fails() -> None:
    assert "Human confirmation" in render('{% include "components/level.html" with level="ask" only %}')
    with pytest.raises(KeyError):
        render('{% include "components/level.html" with level="aks" only %}')


def test_undo_takes_a_path_of_this_site_and_no_other_address() -> None:
    assert components.undo_url("x undo:/review/undo/7/") == "/review/undo/7/"
    for address in ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]:
        assert components.undo_url(f"undo:{address}") == ""


def test_error_pages_need_neither_context_nor_database() -> None:
    for name in ["400", "403", "403_csrf", "404", "405", "429", "500"]:
        drawn = render_to_string(f"{name}.html")
        assert drawn.count("<h1") == 1
        assert_harmless(drawn.replace("<script src", "<x src"))


# --- the manners of all templates -------------------------------------------------------------------------------------


def every_template() -> Iterator[Path]:
    """Pages, components and mails of the product."""
    yield from sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("path", every_template(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_has_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style\b", text)
    # What Django's own tags compare ("if one == two") is no attribute.
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", markup)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", text)
    assert not re.search(r"\|\s*safe\b|autoescape off|hx-on", text)


@pytest.mark.parametrize("path", every_template(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_includes_of_components_pass_declared_parameters_only(path: Path) -> None:
    for name, given in re.findall(r'{% include "components/(\w+)\.html"(.*?) %}', path.read_text()):
        kinds = declared(TEMPLATES / "components" / f"{name}.html")
        passed = set(re.findall(r"(\w+)=", re.sub(r"\"[^\"]*\"|'[^']*'", '""', given)))
        assert given.endswith("only"), f"{name} is included without only"
        assert passed <= set(kinds), f"{name} knows no {passed - set(kinds)}"
        missing = {key for key, kind in kinds.items() if kind == "needed"} - passed
        assert not missing, f"{name} needs {missing}"


@pytest.mark.parametrize("path", every_template(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_icons_named_in_templates_exist(path: Path) -> None:
    named = re.findall(r'{% icon "([\w-]+)"|\bicon="([\w-]+)"', path.read_text())
    for name in {first or second for first, second in named}:
        _load_icon(name)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_declares_its_parameters_first(path: Path) -> None:
    assert path.read_text().startswith("{% comment %}\n")
    assert declared(path)


def test_block_tags_take_what_their_templates_declare() -> None:
    body = ast.parse(Path(components.__file__).read_text()).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    tags = {node.name: {arg.arg for arg in node.args.kwonlyargs} for node in functions}
    for name in sorted(BLOCKS):
        kinds = declared(TEMPLATES / "components" / f"{name}.html")
        assert tags[name] - {"lead"} == {key for key, kind in kinds.items() if kind != "part"} - {"token"}, name


def test_component_sheets_are_short_and_use_no_raw_colour() -> None:
    for path in sorted((Path(settings.BASE_DIR) / "static/css/components").glob("*.css")):
        text = path.read_text()
        assert len(text.splitlines()) < 80, path.name
        assert f'"components/{path.name}"' in (path.parent.parent / "deskhand.css").read_text()
        assert "@import" not in text
        assert "http" not in text


@cache
def compiled(source: str) -> object:
    return engines["django"].from_string(source)


def render(source: str, **context: object) -> str:
    """Render a piece of a template as a page would."""
    return compiled(source).render(context)


def assert_harmless(drawn: str) -> None:
    """No element and no attribute came out of a text."""
    for tag, attrs in Reading(drawn).found:
        assert tag not in {"script", "img", "style"}, drawn[:400]
        assert not [name for name in attrs if name.startswith("on") or name == "style"], attrs
