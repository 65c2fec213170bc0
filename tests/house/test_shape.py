"""Files and functions stay small, named in the words of the field, and say what they are for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from tests.house.test_imports import ROOT, source_files

BANNED = {"util", "utils", "helper", "helpers", "service", "handle", "data", "info", "ticket", "bot", "process"}

# Names that Django calls, and processes of the operating system.
GIVEN = {
    "get_extra_info",
    "handle_data",
    "handle_request",
    "handle_starttag",
    "handle",
    "process_exception",
    "process_view",
    "process",
    "_limit_process",
}


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function and method of the product."""
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_stay_under_four_hundred_lines():
    long_ones = {str(path.relative_to(ROOT)): n for path in source_files() if (n := path.read_text().count("\n")) > 400}
    assert long_ones == {}


def test_functions_are_short():
    lengths = sorted(length(node) for _path, node in functions())
    too_long = [f"{path.relative_to(ROOT)}:{node.name}" for path, node in functions() if length(node) > 80]
    assert too_long == []
    assert quantiles(lengths, n=10)[-1] < 26


def test_every_module_says_in_a_sentence_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in source_files()
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_public_functions_and_classes_have_docstrings():
    silent = []
    for path in source_files():
        if path.name == "apps.py" or "management" in path.parts:
            continue
        for node in ast.parse(path.read_text()).body:
            named = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if named and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert silent == []


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)}


def test_names_are_words_of_the_field():
    wrong = []
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and node.name not in GIVEN
                and words(node.name) & BANNED
            ):
                wrong.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert wrong == []


def test_tasks_only_pass_on():
    for path in source_files():
        if path.name == "tasks.py":
            assert all(length(node) <= 8 for owner, node in functions() if owner == path)


def test_nobody_marks_things_to_do_later():
    marks = [
        str(path.relative_to(ROOT)) for path in source_files() if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text())
    ]
    assert marks == []
