"""What outreach asks an engine: a mail to a lead, and what a reply means."""

from agents.skills import Answer, Material, Skill
from sales.outreach.asking import (
    ClassifiedReply,
    ClassifyReply,
    DraftedOutreach,
    DraftOutreach,
    MailPart,
    WrittenOutreach,
    WrittenReply,
)
from sales.outreach.drafting import check_written, draft_mail, find_unsourced, greet_name, join_parts
from sales.outreach.reading import combine, read_reply, shown_sentences
from sales.outreach.wording import known_language, phrases


class DraftOutreachSkill(Skill[DraftOutreach, DraftedOutreach]):
    """Write one mail of a cadence; what it says about its reader is quoted from a finding."""

    name = "sales.draft_outreach"
    version = "1"
    prompt = "draft_outreach"
    Input, Output, Written = DraftOutreach, DraftedOutreach, WrittenOutreach

    def local(self, question: DraftOutreach) -> Answer[DraftedOutreach]:
        """Abstains (no parts, confidence 0) when nothing was found and nothing is offered."""
        drafted, sure = draft_mail(question)
        return self.answer(drafted, confidence=sure)

    def show(self, question: DraftOutreach) -> Material:
        """Findings and offers, numbered in this order from 1."""
        facts = [f"{at}. {fact.quote}" for at, fact in enumerate(question.facts, 1)]
        offers = [f"{at}. {offer.sentence}" for at, offer in enumerate(question.offers, len(facts) + 1)]
        known = [("person", question.lead_name), ("company", question.company)]
        return Material(
            texts={"findings": "\n".join(facts), "offers": "\n".join(offers)},
            values={
                "language": known_language(question.language),
                "tone": question.tone,
                "step": str(question.step),
                "steps": str(question.steps),
            },
            known=[(kind, value) for kind, value in known if value],
        )

    def check(self, question: DraftOutreach, output: WrittenOutreach) -> list[str]:
        """Every number is one we gave; figures, dates and links stand in a source."""
        return check_written(question, output.subject, [(each.text, each.rests_on) for each in output.sentences])

    def ground(self, question: DraftOutreach, output: WrittenOutreach) -> Answer[DraftedOutreach]:
        """Greeting, closing and disclosures are ours; each sentence keeps the finding it rests on."""
        words, name = phrases(question.language), greet_name(question)
        greeting = getattr(words, question.tone).format(name=name) if name else words.nobody
        parts, paragraph = [MailPart(text=greeting, source="courtesy")], 1
        if question.step == 1:
            parts += [MailPart(text=text, source="field", paragraph=1) for text in question.woven]
        for sentence in output.sentences:
            paragraph += sentence.starts_paragraph
            parts.append(_part_of(question, sentence.text, sentence.rests_on, paragraph))
        closing = words.closing + (f"\n{question.sender}" if question.sender else "")
        parts.append(MailPart(text=closing, source="courtesy", paragraph=paragraph + 1))
        for line in question.disclosures:
            paragraph += 1
            parts.append(MailPart(text=line, source="disclosure", paragraph=paragraph + 1))
        body = join_parts(parts)
        drafted = DraftedOutreach(
            subject=output.subject,
            body=body,
            parts=parts,
            language=known_language(question.language),
            unsourced=find_unsourced(question, body),
        )
        return Answer(drafted, [], 0.8 if any(part.fact for part in parts) else 0.4)


def _part_of(question: DraftOutreach, text: str, number: int, paragraph: int) -> MailPart:
    if 0 < number <= len(question.facts):
        return MailPart(text=text, source="finding", fact=question.facts[number - 1].id, paragraph=paragraph)
    return MailPart(text=text, source="offer" if number else "courtesy", paragraph=paragraph)


class ClassifyReplySkill(Skill[ClassifyReply, ClassifiedReply]):
    """Tell what a lead's reply means. A wish to be left alone is heard first, and rather once too often."""

    name = "sales.classify_reply"
    version = "1"
    prompt = "classify_reply"
    Input, Output, Written = ClassifyReply, ClassifiedReply, WrittenReply

    def local(self, question: ClassifyReply) -> Answer[ClassifiedReply]:
        """Abstains ("unclear", confidence 0) when the words do not say."""
        found, sure = read_reply(question)
        return self.answer(found, found.words, sure)

    def show(self, question: ClassifyReply) -> Material:
        """Their own sentences, by number; sentences of ours that they quote are not among them."""
        lines = [f"{at}. {span.text}" for at, span in enumerate(shown_sentences(question), 1)]
        return Material(texts={"mail": "\n".join(lines)})

    def check(self, question: ClassifyReply, output: WrittenReply) -> list[str]:
        """A sentence that was not given; that mail came back is told by its envelope, never by a model."""
        most = len(shown_sentences(question))
        if output.reply == "bounce":
            return ["A returned mail is told by its envelope."]
        if output.reply != "unclear" and not 1 <= output.sentence <= most:
            return [f"There is no sentence {output.sentence}."]
        return []

    def ground(self, question: ClassifyReply, output: WrittenReply) -> Answer[ClassifiedReply]:
        """The sentence is the evidence; what the words say about being left alone always holds."""
        found, sure = combine(question, output.reply, output.sentence)
        return Answer(found, list(found.words), sure)
