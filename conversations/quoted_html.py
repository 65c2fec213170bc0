"""The HTML of a mail as text in which quotes carry ``>`` and cuts and signatures are marked."""

import re

from inscriptis import Inscriptis
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from .quotes import CUT
from .sanitise import _TEXT_CONFIG, HTML_LIMIT, _is_monstrous, clean_text

_QUOTE_START, _QUOTE_END, _SIGN_START, _SIGN_END, _RULE = "\ue101", "\ue102", "\ue103", "\ue104", "\ue105"
_QUOTES = (
    "//blockquote[@type='cite' or contains(@class,'gmail_quote') or contains(@class,'protonmail_quote') or @cite"
    " or contains(@class,'clean_bq') or contains(@style,'border-left')]",
    "//*[contains(concat(' ',@class,' '),' gmail_attr ') or contains(@class,'moz-cite-prefix')"
    " or contains(@class,'yahoo_quoted') or contains(@class,'yahoo-quoted') or contains(@class,'protonmail_quote')"
    " or contains(@class,'tutanota_quote') or contains(@class,'zmail_extra')"
    " or contains(@class,'qt')][not(self::body)]",
)
_CUTS = (
    "//*[@id='divRplyFwdMsg' or @id='x_divRplyFwdMsg' or @id='OLK_SRC_BODY_SECTION' or @id='stopSpelling'"
    " or @id='mail-editor-reference-message-container' or @id='zwchr' or @data-marker='__DIVIDER__'"
    " or contains(@class,'OutlookMessageHeader') or @id='reply-intro' or @id='isForwardContent'"
    " or @id='isReplyContent']",
    "//div[contains(@style,'border-top') and contains(@style,'solid')"
    " and (contains(@style,'1.0pt') or contains(@style,'1pt'))]",
)
_SIGNATURES = (
    "//*[contains(concat(' ',@class,' '),' gmail_signature ') or contains(@class,'moz-signature') or @id='Signature'"
    " or @id='signature' or @id='ms-outlook-mobile-signature' or @id='AppleMailSignature'"
    " or @id='lineBreakAtBeginningOfSignature'"
    " or contains(@class,'protonmail_signature_block-user')"
    " or contains(@class,'ydp') and contains(@class,'signature')]",
)
_FORWARD_WORDS = re.compile(r"^[\s-]*(?:-{2,}|begin forwarded)", re.IGNORECASE)


def mark_quotes(html: str) -> str:
    """Plain text of the HTML; quoted blocks start with ``> ``, ``CUT`` stands where everything below is quoted.

    A signature the client has marked is preceded by a ``-- `` line. Empty when the HTML cannot be read.
    """
    if not html.strip() or len(html) > HTML_LIMIT or _is_monstrous(html):
        return ""
    try:
        tree = document_fromstring(html.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
        _insert_marks(tree)
        text = Inscriptis(tree, _TEXT_CONFIG).get_text()
    except (
        etree.LxmlError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        RecursionError,
        AssertionError,
    ):
        return ""
    return _marks_to_lines(clean_text(text.replace("\u00a0", " ")))


def _insert_marks(tree: HtmlElement) -> None:
    for rule in tree.xpath("//hr"):
        rule.addprevious(_line(_RULE))
    for path in _SIGNATURES:
        for element in tree.xpath(path):
            if not _inside_quote(element):
                _surround(element, _SIGN_START, _SIGN_END)
    for path in _QUOTES:
        for element in tree.xpath(path):
            if not (element.tag != "blockquote" and _keeps_words(element)):
                _surround(element, _QUOTE_START, _QUOTE_END)
    for path in _CUTS:
        for element in tree.xpath(path):
            if path is _CUTS[0] or _speaks_as_header(element):
                element.addprevious(_line(CUT))


def _inside_quote(element: HtmlElement) -> bool:
    return any(
        parent.tag == "blockquote" or "quote" in (parent.get("class") or "") for parent in element.iterancestors()
    )


def _keeps_words(element: HtmlElement) -> bool:
    """A forward's heading must stay readable, or the forward would not be seen as one."""
    return bool(_FORWARD_WORDS.match(" ".join(element.itertext())[:200].strip()))


def _speaks_as_header(element: HtmlElement) -> bool:
    """A ruled block is a reply header only when labels such as From: and Sent: open it."""
    words = " ".join(element.itertext()).strip()[:600]
    return (len(re.findall(r"[^\W\d_]{2,20}\s?[:：]", words)) >= 3 and "@" in words) or words.lower().startswith(
        "from:"
    )


def _surround(element: HtmlElement, start: str, end: str) -> None:
    """Marks go inside the element, so that lists and tables around it stay what they are."""
    opening, closing = _line(start), _line(end)
    opening.tail, element.text = element.text, None
    element.insert(0, opening)
    element.append(closing)


def _line(mark: str) -> HtmlElement:
    line = etree.Element("div")
    line.text = mark
    return line


def _marks_to_lines(text: str) -> str:
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        mark = line.strip()
        if mark == _QUOTE_START:
            depth += 1
        elif mark == _QUOTE_END:
            depth = max(depth - 1, 0)
        elif mark == _SIGN_START:
            if not depth:
                lines.append("-- ")
        elif mark not in (_SIGN_END, _RULE):
            lines.append(f"{'>' * depth} {line.strip()}".rstrip() if depth else line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
