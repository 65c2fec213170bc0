"""Markdown becomes HTML that is safe and stands under the page's heading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.rendering import render_markdown


def test_headings_stand_under_the_title_without_a_gap():
    html = render_markdown("# A\n\n### B\n\n## C")
    assert html == "<h2>A</h2>\n<h3>B</h3>\n<h3>C</h3>"
    assert render_markdown("## A\n\n### B") == "<h2>A</h2>\n<h3>B</h3>"


def test_tables_lists_and_links_are_kept():
    html = render_markdown("| a | b |\n|---|---|\n| 1 | 2 |\n\n3. x\n\n[y](https://example.com)")
    assert '<div class="table-wrap"><table class="table">' in html
    assert '<th scope="col">a</th>' in html
    assert '<ol start="3">' in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>", "[x](javascript:alert(1))", "<img src=x onerror=x>", "![x](http://example.com/a.png)",
        "[x](data:text/html,hi)", "<a href='x' onclick='x'>y</a>", "<div style='x'>y</div>", "`<script>`",
    ],
)  # fmt: skip
def test_nothing_of_a_page_comes_through(text):
    html = render_markdown(text)
    assert not any(piece in html for piece in ("<script", "<img", 'href="javascript', 'href="data', "<div"))


@given(st.text(alphabet="<>\"'&[]()`*_#-|! \nabc:/=", max_size=200))
def test_whatever_is_typed_no_other_tag_comes_out(text):
    html = render_markdown(text)
    assert "<script" not in html
    assert "<img" not in html
