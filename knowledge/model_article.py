"""An article as a language model writes it: each sentence from one that was said, in better words. Pure."""

from typing import Literal

from pydantic import BaseModel, Field

from agents.skills import Material
from agents.skills.figures import claims_without_source
from agents.skills.languages import detect_language
from knowledge.asking import ArticleSentence, DraftArticle, DraftedArticle
from knowledge.drafting import draft_article
from knowledge.questions import content_words

FEWEST_SHARED, MOST_TITLE, MOST_SAID = 0.5, 90, 200


class WrittenArticleSentence(BaseModel):
    """A sentence of the article, and the number of the one that says it."""

    section: Literal["issue", "cause", "resolution"]
    text: str
    source: int


class WrittenArticle(BaseModel):
    """What a model fills."""

    title: str = ""
    sentences: list[WrittenArticleSentence] = Field(default=[], max_length=30)


def show_article(question: DraftArticle) -> Material:
    """What was said, numbered, with the draft of the local engine; nothing when that sees no new article in it."""
    draft = draft_article(question)
    if draft.decision != "new":
        return Material()
    said = [f"{number}. {one.author}: {one.text}" for number, one in enumerate(question.said[:MOST_SAID], 1)]
    drafted = [draft.title, *(f"{one.section}: {one.text}" for one in draft.sentences)]
    return Material({"said": "\n".join(said), "draft": "\n".join(drafted)}, {"language": question.language})


def check_article(question: DraftArticle, written: WrittenArticle) -> list[str]:
    """A sentence that was not said, figures and links that it does not hold, a solution in the customer's words."""
    said, reasons = question.said[:MOST_SAID], []
    for at, one in enumerate(written.sentences, 1):
        if not 1 <= one.source <= len(said):
            reasons.append(f"sentence {at}: there is no sentence {one.source}")
            continue
        source = said[one.source - 1]
        if one.section != "issue" and source.author == "customer":
            reasons.append(f"sentence {at}: a customer's words are no {one.section}")
        reasons += [f"sentence {at}: “{each}” was not said" for each in claims_without_source(one.text, source.text)]
        if _shared(one.text, source.text) < FEWEST_SHARED:
            reasons.append(f"sentence {at}: sentence {one.source} does not say this")
    told = "\n".join([question.title, *(one.text for one in said)])
    return reasons + [f"title: “{each}” was not said" for each in claims_without_source(written.title, told)]


def ground_article(question: DraftArticle, written: WrittenArticle) -> DraftedArticle:
    """The local draft with the model's title and sentences; as it is when the model wrote no solution."""
    draft = draft_article(question)
    made = [
        ArticleSentence(section=one.section, text=" ".join(one.text.split()), source=question.said[one.source - 1])
        for one in written.sentences
    ]
    sections = {one.section for one in made}
    if draft.decision != "new" or "issue" not in sections or not sections & {"cause", "resolution"}:
        return draft
    ordered = sorted(made, key=lambda one: ("issue", "cause", "resolution").index(one.section))
    title = " ".join(written.title.split())[:MOST_TITLE] or draft.title
    return draft.model_copy(update={"title": title, "summary": ordered[0].text, "sentences": ordered})


def _shared(text: str, source: str) -> float:
    """The share of a sentence's words that its source holds; 1 where the languages differ and nothing is compared."""
    first, second = detect_language(text), detect_language(source)
    wanted = set(content_words(text))
    if not wanted or (first and second and first != second):
        return 1.0
    return len(wanted & set(content_words(source))) / len(wanted)
