"""Drafts of articles out of solved conversations beside the last reply pasted: checked in code, paired for a reader."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agents import skills
from agents.pii import Known
from cases.transcripts import mark_rejected
from hub import sample
from knowledge import gate
from knowledge.asking import DraftArticle, DraftedArticle
from knowledge.harvest import write_body
from knowledge.payloads import DraftSentence
from knowledge.questions import content_words
from knowledge.transcripts import Turn

CONVERSATIONS = Path(__file__).with_name("solved.jsonl")
PAIRS = 30
# A sentence of the draft shares this much of its words with the one it was made from.
TRACED_FROM = 0.8


@dataclass(frozen=True)
class Solved:
    """A conversation that ended well: who said what, in order, and the names in it."""

    title: str
    product: str
    language: str
    names: list[str]
    turns: list[tuple[str, str]]


@dataclass(frozen=True)
class Drafted:
    """A conversation with both candidates."""

    solved: Solved
    question: DraftArticle
    draft: DraftedArticle
    pasted: str

    @property
    def text(self) -> str:
        """The draft as the article it would become."""
        sentences = [
            DraftSentence(section=one.section, text=one.text, is_step=one.is_step) for one in self.draft.sentences
        ]
        return f"# {self.draft.title}\n\n{write_body(sentences, self.solved.language)}"


def rows() -> Iterator[tuple[str, str, str]]:
    """What is checked in code, for the draft and for the last reply pasted."""
    made = [draft_one(solved) for solved in read_solved()]
    drafted = [one for one in made if one.draft.decision == "new"]
    steps = [part for one in drafted for part in one.draft.sentences if part.section != "issue"]
    traced = sum(part.source is not None and part.source.author == "us" and is_traced(part.text, part.source.text)
                 for part in steps)  # fmt: skip
    what = f"articles from {len(made)} solved conversations"
    yield what, "drafted; sentences traced to one of ours", f"{len(drafted)}; {traced} of {len(steps)}"
    for name, texts in (
        ("knowledge.draft_article", [(one.solved, one.text) for one in drafted]),
        ("last reply pasted", [(one.solved, one.pasted) for one in drafted]),
    ):
        banned = sum(bool(list_banned(solved, text)) for solved, text in texts)
        yield what, f"{name}: with names, greetings, apologies, promises", f"{banned} of {len(texts)}"


def read_solved() -> list[Solved]:
    """Our conversations, then those of the sample company."""
    lines = CONVERSATIONS.read_text(encoding="utf-8").splitlines()
    ours = [Solved(**{**row, "turns": [tuple(turn) for turn in row["turns"]]}) for row in map(json.loads, lines)]
    products = {one.slug: one.name for one in sample.read_products().products}
    return ours + [
        Solved(one.subject, products.get(one.product or "", ""), one.language, [one.name, one.answered.split()[-1]],
               [("customer", one.asked), ("us", one.answered)])
        for one in sample.read_solved()
    ]  # fmt: skip


def draft_one(solved: Solved) -> Drafted:
    """The draft by the skill, with personal data removed first as the product does, and the last reply as it stands."""
    turns = [
        Turn(at, "customer" if who == "customer" else "us", text) for at, (who, text) in enumerate(solved.turns, 1)
    ]
    turns = mark_rejected(turns, solved.language)
    known = [Known("person", name) for name in solved.names] + (
        [Known("keep", solved.product)] if solved.product else []
    )
    said, _removed = gate.read_turns(turns, known)
    question = DraftArticle(
        title=gate.clean(solved.title, known), product=solved.product, language=solved.language, said=said
    )
    answer = skills.run("knowledge.draft_article", question)
    reply = next(turn.text for turn in reversed(turns) if turn.author == "us")
    return Drafted(solved, question, answer.output, f"# {solved.title}\n\n{reply}")


def is_traced(text: str, source: str) -> bool:
    wanted = set(content_words(text))
    return not wanted or len(wanted & set(content_words(source))) / len(wanted) >= TRACED_FROM


def list_banned(solved: Solved, text: str) -> list[str]:
    """What may not stand in an article: phrases of a letter, promises, names, holes where something was removed."""
    found = [name for name in solved.names for part in name.split() if re.search(rf"\b{re.escape(part)}\b", text)]
    found += [word for word, check in (("letter", gate.is_letter), ("promise", gate.promises)) if check(text)]
    return found + (["hole"] if gate.PLACEHOLDER.search(text) else [])


def write_pairs(path: Path, seed: int) -> None:
    """The pairs for a reader, the order of each decided by the seed, and the key in a file beside them."""
    made = [one for one in map(draft_one, read_solved()) if one.draft.decision == "new"][:PAIRS]
    order, lines, key = random.Random(seed), ["# Which of the two would you rather publish as a help article?", ""], {}
    for at, one in enumerate(made, 1):
        draft_first = order.random() < 0.5
        key[str(at)] = "A" if draft_first else "B"
        both = (one.text, one.pasted) if draft_first else (one.pasted, one.text)
        lines += [f"---\n\n# Pair {at}\n"]
        lines += [f"**The conversation began with:**\n\n> {_quoted(one.solved.turns[0][1])}\n"]
        for letter, text in zip("AB", both, strict=True):
            lines += [f"## {at} {letter}\n", re.sub(r"(?m)^(#+) ", r"##\1 ", text), ""]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.with_suffix(".key.json").write_text(json.dumps(key, indent=1) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return text.replace("\n", "\n> ")
