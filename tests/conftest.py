"""What all tests share."""

import pytest
from django.conf import settings
from servers import POSTGRES_REMEDY, missing


@pytest.fixture(params=["default", "postgres"], ids=["sqlite", "postgresql"])
def alias(request: pytest.FixtureRequest) -> str:
    """Each database in turn: the alias to use."""
    if request.param not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    return request.param
