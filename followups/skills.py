"""What follow-ups ask an engine: whether a customer's mail promises to come back to us."""

from agents.skills import Answer, Skill
from followups.reading import MailToRead, PromiseRead, read_promise


class ReadPromiseSkill(Skill[MailToRead, PromiseRead]):
    """Tell from a mail's newest words whether the customer will come back to us ("I will try it tomorrow").

    A question makes it abstain: then we have to answer, and nobody is chased.
    """

    name = "followups.read_promise"
    version = "1"
    Input, Output = MailToRead, PromiseRead

    def local(self, question: MailToRead) -> Answer[PromiseRead]:
        """By words, in four languages."""
        output, words, sure = read_promise(question)
        return self.answer(output, list(words), sure)
