"""The two commands: what they need, what they refuse, what they leave alone."""

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_the_suite_runs_on_the_database_that_was_asked_for():
    assert connection.vendor in settings.DATABASES["default"]["ENGINE"]
