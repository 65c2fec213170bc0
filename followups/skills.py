"""What follow-ups ask an engine: whether a customer's mail promises to come back to us."""

from agents.skills import Answer, Material, Skill
from followups.reading import MailToRead, PromiseRead, WrittenPromise, combine, list_sentences, read_promise


class ReadPromiseSkill(Skill[MailToRead, PromiseRead]):
    """Tell from a mail's newest words whether the customer will come back to us ("I will try it tomorrow").

    A question makes it abstain: then we have to answer, and nobody is chased.
    """

    name = "followups.read_promise"
    version = "1"
    prompt = "read_promise"
    Input, Output, Written = MailToRead, PromiseRead, WrittenPromise

    def local(self, question: MailToRead) -> Answer[PromiseRead]:
        """By words, in four languages."""
        output, words, sure = read_promise(question)
        return self.answer(output, list(words), sure)

    def show(self, question: MailToRead) -> Material:
        """The sentences, by number."""
        lines = [f"{at}. {found[0].strip()}" for at, found in enumerate(list_sentences(question), 1)]
        return Material(texts={"mail": "\n".join(lines)})

    def check(self, question: MailToRead, output: WrittenPromise) -> list[str]:
        """A sentence that was not given."""
        if output.promises and not 1 <= output.sentence <= len(list_sentences(question)):
            return [f"There is no sentence {output.sentence}."]
        return []

    def ground(self, question: MailToRead, output: WrittenPromise) -> Answer[PromiseRead]:
        """The sentence is the evidence; a mail that asks something promises nothing."""
        read, words, sure = combine(question, output)
        return Answer(read, list(words), sure)
