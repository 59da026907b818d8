"""Django's own settings for its tests on SQLite, with the runner that checks the swap."""

from test_sqlite import *  # noqa: F403

TEST_RUNNER = "checked_runner.CheckedRunner"
