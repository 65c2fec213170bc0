"""The page that says what is proved is written from the tests, and is up to date."""

from tests.house import coverage, matrix


def test_every_mark_names_a_row_that_exists():
    rows = coverage.read_rows()
    assert len({row.ident for row in rows}) == len(rows)
    assert set(coverage.read_marks()) <= {row.ident for row in rows}
    assert sum(not row.ident.startswith("DESK-") for row in rows) == 424


def test_a_row_is_proved_or_not_ours_but_never_both():
    proofs = coverage.read_marks()
    assert [row.ident for row in coverage.read_rows() if row.not_ours and row.ident in proofs] == []


def test_the_page_is_up_to_date():
    assert coverage.PAGE.read_text() == coverage.write_page(), "run: python -m tests.house.coverage"


def test_the_table_of_addresses_and_roles_is_up_to_date():
    assert matrix.PAGE.read_text() == matrix.write_page(), "run: python -m tests.house.matrix"
