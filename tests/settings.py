"""Settings of the tests: the product's own, and a toy app to try the agents on."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.toy"]  # noqa: F405
