"""The house has one direction. This table is the drawing; docs/house.md explains it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT: dict[str, set[str]] = {
    "agents": set(),
    "accounts": {"agents"},
    "conversations": {"agents", "accounts"},
    "knowledge": {"agents", "accounts"},
    "intents": {"agents", "accounts", "conversations", "knowledge"},
    "cases": {"agents", "accounts", "conversations", "knowledge", "intents"},
    "sales": {"agents", "accounts", "conversations", "knowledge", "intents"},
    "followups": {"agents", "accounts", "conversations", "knowledge", "intents", "cases", "sales"},
    "hub": {"agents", "accounts", "conversations", "knowledge", "intents", "cases", "sales", "followups"},
    "config": {
        "agents",
        "accounts",
        "conversations",
        "knowledge",
        "intents",
        "cases",
        "sales",
        "followups",
        "hub",
    },
}
ONLY_HERE = {
    "litellm": "agents/llm/transport.py",
    "openai": "agents/llm/transport.py",
    "onnxruntime": "agents/embeddings.py",
    "onnx": "agents/embeddings.py",
    "tokenizers": "agents/embeddings.py",
    "safetensors": "agents/embeddings.py",
    "presidio_analyzer": "agents/pii/identifiers.py",
    "presidio_anonymizer": "agents/pii/identifiers.py",
    "django_q": "agents/queue.py",
    "httpx": "agents/llm/transport.py",
    "httpcore": "agents/fetch/wire.py",
    "smtplib": "conversations/delivery.py",
    "django.core.mail": "conversations/delivery.py",
    "imap_tools": "conversations/fetch.py",
}
# allauth mails links to staff itself; the sign-in page has to say when that failed.
EXCEPTIONS = {"smtplib": "accounts/signin.py"}
FORBIDDEN_FOLDERS = {"utils", "helpers", "common", "core"}


def source_files() -> list[Path]:
    """Every Python file of the apps and of config, migrations apart."""
    return sorted(path for app in MAY_IMPORT for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, inside functions too; relative imports stay inside their app."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def wrong_arrows() -> Iterator[str]:
    """Imports that point upwards, and names imported outside their one file."""
    for path in source_files():
        relative = path.relative_to(ROOT).as_posix()
        app = relative.split("/")[0]
        for line, name in imported_names(ast.parse(path.read_text())):
            top = name.split(".")[0]
            if top in MAY_IMPORT and top not in {app} | MAY_IMPORT[app]:
                yield f"{relative}:{line} may not import {top}"
            home = ONLY_HERE.get(top) or ONLY_HERE.get(".".join(name.split(".")[:3]))
            if home and relative not in (home, EXCEPTIONS.get(top)):
                yield f"{relative}:{line} {name} is imported only by {home}"


def test_imports_point_downwards_and_each_library_has_one_door():
    assert list(wrong_arrows()) == []


def test_the_web_starts_without_what_only_learning_discovery_and_models_need():
    heavy = "{'scipy', 'sklearn', 'litellm', 'presidio_analyzer', 'onnxruntime', 'onnx'}"
    code = (
        f"import sys, config.wsgi, config.urls; print({heavy} & set(sys.modules), 'intents.clustering' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set() True"


def test_hub_and_config_are_imported_by_nobody_below():
    for app, allowed in MAY_IMPORT.items():
        assert app == "config" or "config" not in allowed
        assert app in ("config", "hub") or "hub" not in allowed


def test_agents_has_at_most_thirty_modules():
    modules = {path.stem for path in (ROOT / "agents").glob("*.py")} - {"__init__", "apps", "admin", "urls"}
    modules |= {path.name for path in (ROOT / "agents").iterdir() if (path / "__init__.py").exists()}
    modules -= {"migrations", "management", "templatetags", "models"}
    assert len(modules) <= 30, sorted(modules)


def test_no_folder_is_a_drawer_for_everything():
    names = {path.name for app in MAY_IMPORT for path in (ROOT / app).rglob("*") if path.is_dir()}
    assert names & FORBIDDEN_FOLDERS == set()
