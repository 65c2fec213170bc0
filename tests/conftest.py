"""What every test has: a PostgreSQL of its own, a real mail sink, and no outside work inside transactions."""

import contextlib
import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models.signals import post_migrate

from tests.database import apply_to, copied_database, test_server
from tests.model_stub import ModelStub, running_model
from tests.sink import Sink, running_sink
from tests.transactions import watched_sockets

_run = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Before Django is set up: the database of this run, and what only makes tests faster."""
    if "PYTEST_XDIST_WORKER" not in os.environ and not config.option.collectonly:
        _run.enter_context(test_server(settings.VAR_DIR))
    if "DATABASE_URL" in os.environ:
        apply_to(settings.DATABASES["default"])
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = settings.VAR_DIR / "test-media"
    post_migrate.connect(restore_roles)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def restore_roles(sender: Any, **_named: Any) -> None:
    """A test with real transactions empties all tables behind it: the roles that a migration filled come back."""
    from accounts.roles import ensure_roles

    if sender is list(apps.get_app_configs())[-1]:  # permissions are made app by app, roles name those of all
        ensure_roles()


def pytest_collection_finish() -> None:
    """What is imported stays: the garbage collector need not walk over it at every turn of every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure() -> None:
    """After the last test: stop the server unless another run uses it."""
    _run.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker) -> Iterator[None]:
    """Instead of pytest-django's, which would migrate once for every worker and every run."""
    with contextlib.ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(copied_database(settings.VAR_DIR))
        yield
        with django_db_blocker.unblock():
            stack.close()


@pytest.fixture(autouse=True)
def no_outside_work_in_transaction() -> Iterator[None]:
    """Fail a test in which something goes to a network inside a transaction that is not the test's own."""
    with pytest.MonkeyPatch.context() as patch, watched_sockets(patch) as seen:
        yield
    if seen:
        pytest.fail("Outside work inside a transaction: " + "; ".join(seen))


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """A local SMTP server: ``messages`` it took, ``answer(step, *replies)`` to script what it says."""
    with running_sink() as sink:
        yield sink


@pytest.fixture
def model_stub() -> Iterator[ModelStub]:
    """An OpenAI-compatible model: ``say(*answers)``, ``fail(status)``, ``asked`` holds the requests."""
    with running_model() as stub:
        yield stub
