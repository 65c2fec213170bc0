"""The words by which a case is found: its title, its customer, its mails."""

from django.db import connection

from agents.skills.languages import fold
from cases.models import Case

# A mail longer than this is found by its beginning.
CHARACTERS = 20_000


def add_words(case: Case, *texts: str) -> None:
    """Let a case be found by the words of these texts too, in the caller's transaction; accents do not count."""
    words = fold("\n".join(text[:CHARACTERS] for text in texts if text))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET search = coalesce(search, ''::tsvector) || to_tsvector('simple', %s) WHERE id = %s",
            [words, case.pk],
        )
