"""A waiting draft in other words, as a person asks: shown beside what stands, kept only when somebody saves it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import skills
from agents.audit import record
from agents.kinds import get_kind
from agents.models import Suggestion
from agents.suggestions import NotAllowed, NotPending
from knowledge import gate, harvest
from knowledge.asking import ReviseArticle
from knowledge.models import Harvest
from knowledge.payloads import ArticlePayload
from knowledge.transcripts import fetch_transcript

MOST_INSTRUCTION = 500
UNDERSTOOD = gettext_lazy(
    "Without a language model these are understood, one a line: replace “a” with “b”; remove “words”, which takes out "
    "the sentence or step that holds them; make it shorter; change the title to “words”; steps as a numbered list."
)
_WHY = {
    "not_understood": UNDERSTOOD,
    "not_found": gettext_lazy("The draft does not hold these words."),
    "nothing_left": gettext_lazy("Nothing would be left of the text."),
    "nothing_to_shorten": gettext_lazy("It holds no cause and no explanations that could be left out."),
    "unchanged": gettext_lazy("The draft says so already."),
}


@dataclass(frozen=True)
class Revision:
    """A draft in other words that nobody kept yet; ``instead_of`` says why a model that was asked did not answer."""

    title: str
    body: str
    engine: str
    instead_of: str = ""


def revise_draft(
    subject: Harvest,
    suggestion: Suggestion,
    *,
    instruction: str,
    by: Any,
    title: str = "",
    body: str = "",
    now: dt.datetime | None = None,
) -> Revision:
    """What the draft, or the text in hand, would be after the instruction; the draft itself stays as it is.

    Raises PermissionDenied, NotPending when it was decided, and NotAllowed with the reason why nothing was made.
    A model may be asked, so nothing is locked; only the record is written, once there is something to show.
    """
    if not get_kind(harvest.KIND).access(subject, by):
        raise PermissionDenied
    if suggestion.state != Suggestion.State.PENDING:
        raise NotPending(suggestion)
    payload = ArticlePayload.model_validate(suggestion.proposed)
    transcript = fetch_transcript(subject.source, subject.object_id)
    known = transcript.known if transcript else ()
    _refuse_personal(instruction, known, _("The instruction holds personal data: %(kind)s. Say it without."))
    said = gate.read_turns(transcript.turns, known)[0] if transcript else []
    asked = ReviseArticle(
        title=title or payload.title, body=body or payload.body, language=payload.language,
        instruction=instruction[:MOST_INSTRUCTION], said=said, known=[(one.kind, one.value) for one in known],
    )  # fmt: skip
    line = suggestion.line_of_business_id
    try:
        answer = skills.run("knowledge.revise_article", asked, skills.Scope(line))
    except skills.WaitsForPerson as silent:
        raise NotAllowed([_say_silent(str(silent))]) from silent
    made = answer.output
    if made.why:
        raise NotAllowed([*([_say_silent(answer.instead_of)] if answer.instead_of else []), str(_WHY[made.why])])
    _refuse_personal(f"{made.title}\n{made.body}", known, _("The new text would hold personal data: %(kind)s."))
    text = _("had the draft revised: “%(instruction)s”") % {"instruction": " ".join(asked.instruction.split())}
    record("harvest.revised", by=by, subject=subject, text=text, why=answer.engine, suggestion=suggestion, now=now)
    return Revision(made.title, made.body, answer.engine, answer.instead_of)


def _say_silent(why: str) -> str:
    return _("The language model did not answer: %(why)s") % {"why": why}


def _refuse_personal(text: str, known: Any, words: str) -> None:
    if kinds := gate.list_personal(text, known):
        raise NotAllowed([words % {"kind": ", ".join(kinds)}])
