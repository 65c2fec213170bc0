"""What is asked about a lead: what the texts say, and how well it fits."""

from agents.skills import Answer, Material, Skill
from agents.skills.languages import fold
from sales.asking import Fit, FoundClaim, Qualify, Research, Researched, WrittenResearch
from sales.findings import LONGEST_QUOTE, ORDERS, find_claims
from sales.fit import how_sure, judge
from sales.models import Finding
from sales.outreach import skills as skills


class ResearchSkill(Skill[Research, Researched]):
    """Find what texts say about a company; each claim quotes its words exactly."""

    name = "sales.research"
    version = "1"
    prompt = "research"
    Input, Output, Written = Research, Researched, WrittenResearch

    def local(self, question: Research) -> Answer[Researched]:
        """Abstains (no findings, confidence 0) when the texts say nothing we look for."""
        found = find_claims(question)
        return self.answer(found, confidence=max((claim.confidence for claim in found.findings), default=0.0))

    def show(self, question: Research) -> Material:
        """The texts, numbered in this order from 1."""
        texts = {str(at): source.text for at, source in enumerate(question.texts, 1)}
        return Material(texts=texts, values={"topics": ", ".join(Finding.Topic.values)}, known=[])

    def check(self, question: Research, output: WrittenResearch) -> list[str]:
        """Each claim names a text we gave, a topic we know, and quotes what stands there; an order is no claim."""
        reasons = []
        for claim in output.claims:
            if not 1 <= claim.text <= len(question.texts):
                reasons.append(f"There is no text {claim.text}.")
            elif claim.quote.strip() not in question.texts[claim.text - 1].text or not claim.quote.strip():
                reasons.append(f"These words do not stand in text {claim.text}: {claim.quote[:80]!r}.")
            if claim.topic not in Finding.Topic.values:
                reasons.append(f"There is no topic {claim.topic[:40]!r}.")
            if ORDERS.search(claim.quote) or ORDERS.search(claim.claim):
                reasons.append("A text that gives orders is no finding.")
        return reasons

    def ground(self, question: Research, output: WrittenResearch) -> Answer[Researched]:
        """Spans are found again in the texts; figures of a claim must stand in its quote, or the quote is the claim."""
        found = []
        for claim in output.claims:
            source, quote = question.texts[claim.text - 1], claim.quote.strip()[:LONGEST_QUOTE]
            start = source.text.index(quote)
            digits = {part for part in claim.claim.split() if any(letter.isdigit() for letter in part)}
            words = claim.claim if all(fold(part.strip(".,")) in fold(quote) for part in digits) else quote
            found.append(
                FoundClaim(
                    topic=claim.topic,
                    claim=words[:300],
                    source=source.key,
                    start=start,
                    end=start + len(quote),
                    quote=quote,
                    confidence=0.8,
                )
            )
        ordering = find_claims(question).ordering
        return self.answer(Researched(findings=found, ordering=ordering), confidence=0.8 if found else 0.0)


class QualifySkill(Skill[Qualify, Fit]):
    """Judge a lead by the criteria of an administrator; every reason names the finding behind it."""

    name = "sales.qualify"
    version = "1"
    Input, Output = Qualify, Fit

    def local(self, question: Qualify) -> Answer[Fit]:
        """Abstains (no rank) without criteria, or when nothing is known."""
        fit = judge(question)
        return self.answer(fit, confidence=how_sure(question, fit))
