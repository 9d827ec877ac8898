"""The ground every test stands on: real stores, settings as .env.example has them, nothing reached outside.

`TEST_DATABASE=sqlite` runs the suite on SQLite instead of PostgreSQL.
"""

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import django
import pytest
import redis
from django.utils import translation

from config.celery import app as celery
from demo import processes
from knowledge import broker, counting, meters, notices, trips
from tests import stores

ROOT = Path(__file__).resolve().parent.parent
DATABASE = os.environ.get("TEST_DATABASE") or "postgresql"
if DATABASE not in ("postgresql", "sqlite"):
    sys.exit(f"TEST_DATABASE is {DATABASE!r}; it can be postgresql or sqlite.")
PORTS = {"postgresql": processes.free_port(), "valkey": processes.free_port()}
PASSWORD = secrets.token_urlsafe(16)
DATA_DIR = Path(tempfile.mkdtemp(prefix="advisor-tests-"))
NOWHERE = "http://127.0.0.1:9"  # the discard port: a request that no test expected fails at once
SERVICE_TOKEN = "token-of-the-tests"


def _set_environment():
    """Every setting as .env.example has it, whatever the developer's own .env says, then what tests need."""
    for line in (ROOT / ".env.example").read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.startswith("#"):
            os.environ[name] = value
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        SECRET_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS="localhost,127.0.0.1,[::1],testserver",
        DATA_DIR=str(DATA_DIR),
        DATABASE_URL=_database_url(),
        REDIS_URL=f"redis://127.0.0.1:{PORTS['valkey']}/0",
        ELEVENLABS_URL=NOWHERE,
        SERVICE_TOKENS=SERVICE_TOKEN,
    )


def _database_url():
    if DATABASE == "sqlite":
        return f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
    return f"postgres://postgres:{PASSWORD}@127.0.0.1:{PORTS['postgresql']}/advisor"


def _set_up_django():
    """Load the settings here, not by pytest-django's option, which reads them before this file can speak."""
    from_settings = django.conf.settings
    if DATABASE == "sqlite":
        # In memory, the default, there is one connection for all threads and no write-ahead log to test.
        from_settings.DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    # Connections of other threads would outlive their test and keep the database from being dropped.
    from_settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    from_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The live server answers with files as they lie there; names with hashes are collectstatic's.
    from_settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    from_settings.STATIC_ROOT.mkdir()  # WhiteNoise warns at every request of a folder that is not there
    django.setup()
    # Tasks run at once, in the caller, and their errors are the caller's.
    celery.conf.update(task_always_eager=True, task_eager_propagates=True)


def _share_the_embedding_graph():
    """It takes seconds to build and never changes, so the tests use the one that set-up made."""
    graph = ROOT / "var" / "model"
    if graph.is_dir():
        shutil.copytree(graph, DATA_DIR / "model")


_set_environment()
_set_up_django()
_share_the_embedding_graph()


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="fail when a test was skipped, as make test does")
    parser.addoption(
        "--on-database", action="store_true", help="only tests that may touch the database: the others know none"
    )


def pytest_collection_modifyitems(config, items):
    """Leave out, when asked, what pytest-django would not let near the database: it is the same beside every store."""
    if config.getoption("--on-database"):
        left_out = [item for item in items if not _may_touch_the_database(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _may_touch_the_database(item)]


def _may_touch_the_database(item):
    return bool(
        item.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"} & {*item.fixturenames}
    )


def pytest_configure(config):
    """Start the stores before anything is collected; they end with the run, however it ends."""
    running = contextlib.ExitStack()
    config.add_cleanup(running.close)
    running.callback(shutil.rmtree, DATA_DIR, ignore_errors=True)
    config.stores = {"valkey": running.enter_context(stores.valkey(PORTS["valkey"]))}
    if DATABASE == "postgresql":
        config.stores["postgresql"] = running.enter_context(stores.postgresql(PORTS["postgresql"], PASSWORD))


def pytest_report_header():
    return f"stores: {DATABASE}, Valkey"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def valkey(pytestconfig):
    """The Valkey that settings.REDIS_URL names, as a faults.Program: to freeze and thaw, never to end."""
    return pytestconfig.stores["valkey"]


@pytest.fixture(autouse=True)
def _site_language():
    """No test goes on in the language of another one's last page."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _empty_valkey(valkey):
    """No test sees what another one cached or counted, nor waits for a Redis that was hurt in it."""
    for forgetful in (broker, counting.here, meters, notices, trips):
        forgetful.reset()
    with redis.Redis(port=PORTS["valkey"]) as connection:
        connection.flushall()
