"""Articles cut into passages, texts into sentences. Pure."""

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

FEWEST_WORDS, MOST_WORDS = 40, 120
# Between the headings of a path.
PATH = " › "

_ABBREVIATED = """
    e.g i.e etc mr mrs ms dr prof st nos vs inc ltd co approx dept fig tel ext incl excl p.s
    z.b d.h u.a bzw ca evtl ggf inkl exkl nr str abs zzgl usw vgl s.o s.u o.ä u.ä mind
    p.ex par ex env réf mme mlle bd
    sr sra srta ud uds p.ej aprox núm n.º pág dña
"""
ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_END = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*(?=\s|$)")
_BREAK = re.compile(r"\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t])|(?<=:)\n")
_ORDINAL = re.compile(r"(?:^|[\s(])\d{1,2}$")


@dataclass(frozen=True)
class Span:
    """A piece of a text: ``text`` is exactly what stands from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def text_to_embed(title: str, heading: str, text: str) -> str:
    """What stands for a passage in vectors: title and path of headings ("Cleaning › Every day") before the text."""
    return f"{title}. {heading}\n{text}"


def text_without_title(title: str, heading: str, text: str) -> str:
    """What a passage says itself: its text under the headings below the title, which bodies often repeat first."""
    path = heading.split(PATH)
    return f"{PATH.join(path[1:] if path[0].casefold() == title.casefold() else path)}\n{text}"


@dataclass(frozen=True)
class Passage:
    """A piece of an article: plain text under a path of headings; ``start`` counts characters of the Markdown."""

    order: int
    heading: list[str]
    text: str
    start: int


# ── sentences ─────────────────────────────────────────────────────────────────────────────────────────────────────


def sentences(text: str) -> list[Span]:
    """The sentences of a text in any European language; list items and paragraphs end a sentence too.

    A line break inside a paragraph does not, unless the line is short, as in addresses and greetings.
    """
    found: list[Span] = []
    at = 0
    for cut in [*_cuts(text), len(text)]:
        piece = text[at:cut]
        stripped = piece.strip()
        if any(map(str.isalnum, stripped)):
            start = at + len(piece) - len(piece.lstrip())
            found.append(Span(start, start + len(stripped), stripped))
        at = cut
    return found


def _cuts(text: str) -> list[int]:
    cuts = {match.end() for match in _BREAK.finditer(text)}
    cuts |= {match.end() for match in _END.finditer(text) if _ends_here(text, match)}
    cuts |= set(_short_lines(text))
    return sorted(cuts)


def _ends_here(text: str, match: re.Match) -> bool:
    mark, after = match.group(), text[match.end() :].lstrip()
    if not after:
        return True
    if mark[0] != "." or len(mark.rstrip("\"'”’»)]")) > 1:
        return not after[0].islower()
    before = text[: match.start()]
    word = before.split()[-1].lstrip("(\"'“„«").casefold() if before.split() else ""
    if word in ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or _ORDINAL.search(before):
        return False
    return not after[0].islower() and not (word == "no" and after[0].isdigit())


def _short_lines(text: str) -> list[int]:
    """Ends of lines that are lines on purpose: short ones before one that begins with a capital."""
    cuts, at = [], 0
    lines = text.split("\n")
    for line, following in pairwise(lines):
        at += len(line) + 1
        first = following.lstrip()[:1]
        if 0 < len(line.strip()) < 45 and (first.isupper() or first in "¿¡" or line.rstrip().endswith(",")):
            cuts.append(at)
    return cuts


# ── passages ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Block:
    text: str
    start: int


@dataclass
class _Section:
    heading: list[str]
    blocks: list[_Block] = field(default_factory=list)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def split_passages(markdown: str) -> list[Passage]:
    """The passages of an article, in order: 40 to 120 words where its sections allow, sentences kept whole."""
    passages: list[Passage] = []
    for section in _sections(markdown):
        for blocks in _packed(section.blocks):
            text = "\n".join(block.text for block in blocks)
            passages.append(Passage(len(passages), section.heading, text, blocks[0].start))
    return passages


def _sections(markdown: str) -> list[_Section]:
    starts = [0] + [match.end() for match in re.finditer(r"\r\n|\r|\n", markdown)]
    path: list[tuple[int, str]] = []
    sections = [_Section([])]
    tokens = _markdown().parse(markdown)
    lists: list[list[int]] = []
    for at, token in enumerate(tokens):
        _follow_lists(lists, token)
        if token.type == "inline" and tokens[at - 1].type == "heading_open":
            level = int(tokens[at - 1].tag[1])
            path = [(depth, title) for depth, title in path if depth < level] + [(level, _plain(token))]
            sections.append(_Section([title for _, title in path]))
        elif token.type in ("inline", "fence", "code_block") and (text := _block_text(tokens, at, lists)):
            line = (token.map or tokens[at - 1].map or [0])[0]
            _add(sections[-1], tokens[at - 1].type, _Block(text, starts[line]))
    return [section for section in sections if section.blocks]


def _follow_lists(lists: list[list[int]], token: Token) -> None:
    """``lists`` holds the next number of each open list (0 in a bullet list)."""
    if token.type in ("bullet_list_open", "ordered_list_open"):
        first = int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else 0
        lists.append([first])
    elif token.type in ("bullet_list_close", "ordered_list_close"):
        lists.pop()


def _block_text(tokens: list[Token], at: int, lists: list[list[int]]) -> str:
    token = tokens[at]
    text = _plain(token) if token.type == "inline" else token.content.strip()
    if at >= 2 and tokens[at - 2].type == "list_item_open" and lists:
        number = lists[-1][0]
        lists[-1][0] += 1 if number else 0
        return f"{number}. {text}" if number else f"- {text}"
    return text


def _add(section: _Section, opened_by: str, block: _Block) -> None:
    """Cells of a table row stand in one line."""
    if opened_by == "td_open" and section.blocks and section.blocks[-1].start == block.start:
        section.blocks[-1].text += f" | {block.text}"
    elif opened_by != "th_open":
        section.blocks.append(block)


def _plain(token: Token) -> str:
    """The words of an inline token; a link keeps its address in brackets."""
    parts: list[str] = []
    address = ""
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type == "link_open":
            address = str(child.attrs.get("href", ""))
        elif child.type == "link_close" and address.startswith(("http://", "https://")) and address not in parts[-1:]:
            parts.append(f" ({address})")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _words(text: str) -> int:
    return len(text.split())


def _packed(blocks: list[_Block]) -> list[list[_Block]]:
    """Blocks side by side up to the most words; the last joins its neighbour when it is too small alone."""
    packed: list[list[_Block]] = []
    size = 0
    for block in [piece for whole in blocks for piece in _pieces(whole)]:
        words = _words(block.text)
        if packed and size + words <= MOST_WORDS:
            packed[-1].append(block)
            size += words
        else:
            packed.append([block])
            size = words
    if len(packed) > 1 and size < FEWEST_WORDS:
        last = packed.pop()
        packed[-1] += last
    return packed


def _pieces(block: _Block) -> list[_Block]:
    """A block over the most words, cut between sentences into pieces of like size."""
    if _words(block.text) <= MOST_WORDS:
        return [block]
    wanted = _words(block.text) / -(-_words(block.text) // MOST_WORDS)
    pieces: list[list[str]] = [[]]
    for span in sentences(block.text):
        if pieces[-1] and _words(" ".join(pieces[-1])) + _words(span.text) / 2 > wanted:
            pieces.append([])
        pieces[-1].append(span.text)
    return [_Block(" ".join(piece), block.start) for piece in pieces]
