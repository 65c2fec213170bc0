"""What follow-ups ask an engine: what a customer's mail says about a matter that waits."""

from agents.skills import Answer, Skill
from followups.reading import MailRead, MailToRead, read_mail


class ReadMailSkill(Skill[MailToRead, MailRead]):
    """Tell from a mail's newest words whether the matter is solved, or the customer promises to come back.

    A question or a denial makes it abstain: then a person or the reply decides, and nobody is chased.
    """

    name = "followups.read_mail"
    version = "1"
    Input, Output = MailToRead, MailRead

    def local(self, question: MailToRead) -> Answer[MailRead]:
        """By words, in four languages."""
        output, words, sure = read_mail(question)
        return self.answer(output, list(words), sure)
