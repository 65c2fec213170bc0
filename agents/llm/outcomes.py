"""What can become of a question to a language model, when it is no answer."""

from agents.models import ModelCall


class ModelError(Exception):
    """The model gave no answer that may be used; the text says why, in words for people."""

    outcome = ModelCall.Outcome.UNAVAILABLE


class Unavailable(ModelError):  # noqa: N818
    """It cannot be reached, is too slow, too busy, or rests after failures."""


class Refused(ModelError):  # noqa: N818
    """Its server refused us, or our own checks refused what it wrote."""

    outcome = ModelCall.Outcome.REFUSED


class Malformed(ModelError):  # noqa: N818
    """Twice it did not answer in the form asked for."""

    outcome = ModelCall.Outcome.MALFORMED


class OverBudget(ModelError):  # noqa: N818
    """Nothing is left to spend in this day or month."""

    outcome = ModelCall.Outcome.OVER_BUDGET
