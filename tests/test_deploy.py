"""What a large installation is set up from says what the project says: settings, commands, limits."""

import re
import shlex
import subprocess
import sys

import psycopg
import pytest
import yaml
from django.core.management import load_command_class

from config import settings
from demo import processes, programs
from tests import stores
from tests.conftest import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DEPLOY = ROOT / "config" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
NGINX = (DEPLOY / "nginx.conf").read_text()
OFFERED = re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
UNITS = {"web": "advisor-web.service", "worker": "advisor-worker.service", "beat": "advisor-beat.service"}


def words(command):
    """A command without its folder and its address, which differ from place to place."""
    found = shlex.split(command)
    return [found[0].rpartition("/")[2], *(word for word in found[1:] if word not in ("0.0.0.0", "127.0.0.1"))]


def unit(part):
    lines = (DEPLOY / "systemd" / UNITS[part]).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def test_every_setting_that_compose_gives_is_one_of_ours():
    for part in ("prepare", "web", "web2", "worker", "beat", "backup"):
        assert set(COMPOSE["services"][part]["environment"]) <= set(OFFERED)


@pytest.mark.parametrize("part", UNITS)
def test_compose_and_systemd_start_the_same(part):
    assert words(COMPOSE["services"][part]["command"]) == words(unit(part)["ExecStart"])


def test_the_web_server_is_started_as_make_run_starts_it():
    started = [str(word) for word in programs.web(8000).command]
    assert sorted(words(COMPOSE["services"]["web"]["command"])) == sorted(words(shlex.join(started)))


def test_the_clock_runs_once_and_the_worker_without_one():
    assert " beat " in COMPOSE["services"]["beat"]["command"]
    assert "--beat" not in COMPOSE["services"]["worker"]["command"]


def test_celery_takes_the_commands():
    for part in ("worker", "beat"):
        flags = re.findall(r"--[\w-]+", COMPOSE["services"][part]["command"])
        helped = subprocess.run(
            [sys.executable, "-m", "celery", "-A", "config", part, "--help"], cwd=ROOT, capture_output=True, text=True
        )
        assert [flag for flag in flags if flag not in helped.stdout] == []


def test_an_upload_that_the_site_takes_is_not_too_large_for_nginx():
    megabytes = int(re.search(r"client_max_body_size (\d+)m;", NGINX)[1])
    assert megabytes >= 4 * settings.DOCUMENT_MAX_MB


def test_nginx_writes_over_what_visitors_say_of_themselves():
    for header, value in (("For", "$remote_addr"), ("Proto", "$scheme"), ("Host", '""')):
        assert f"proxy_set_header X-Forwarded-{header} {value};" in NGINX
    assert COMPOSE["x-site"]["environment"]["BEHIND_TLS_PROXY"] == "True"


def test_nothing_is_pushed_out_of_the_broker():
    assert "--maxmemory-policy noeviction" in COMPOSE["services"]["redis"]["command"]


def test_the_image_copies_what_there_is_and_runs_as_nobody_in_particular():
    copied = [
        name
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for name in line.split()
        if name != "."
    ]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert tuple(map(int, re.search(r"FROM python:(\d+)\.(\d+)", DOCKERFILE).groups())) >= (3, 11)
    assert DOCKERFILE.rindex("USER advisor") > DOCKERFILE.rindex("RUN ")


def test_secrets_and_what_is_built_stay_out_of_the_image():
    assert {".env", "var", ".git", "certificates", "backups"} <= set((ROOT / ".dockerignore").read_text().split())


@pytest.mark.parametrize("part", UNITS)
def test_a_service_may_write_into_its_data_alone(part):
    told = unit(part)
    assert (told["ProtectSystem"], told["NoNewPrivileges"]) == ("strict", "true")
    assert told["ReadWritePaths"] == "/srv/advisor/var"


def test_a_worker_is_given_time_for_what_it_is_at():
    assert int(unit("worker")["TimeoutStopSec"]) >= settings.DOCUMENT_MAX_SECONDS
    assert COMPOSE["services"]["worker"]["stop_grace_period"] == "5m"


def test_while_one_web_server_is_replaced_another_like_it_serves():
    services = COMPOSE["services"]
    assert services["web"] == services["web2"]
    assert re.findall(r"^    server (\w+):8000;", NGINX, re.MULTILINE) == ["web", "web2"]
    assert set(services["nginx"]["depends_on"]) == {"web", "web2"}


def test_backups_are_made_alike_by_compose_and_by_systemd_and_the_command_takes_it():
    made = [COMPOSE["services"]["backup"]["command"], _backup_service()["ExecStart"]]
    flags = [shlex.split(command.partition("manage.py backup ")[2]) for command in made]
    folders = [words.pop(0) for words in flags]
    assert flags[0] == flags[1]
    assert f"./backups:{folders[0]}" in COMPOSE["services"]["backup"]["volumes"]
    assert _backup_service()["ReadWritePaths"] == f"/srv/advisor/var {folders[1]}"
    parser = load_command_class("voice", "backup").create_parser("manage.py", "backup")
    assert parser.parse_args([folders[0], *flags[0]]).keep >= 7


def _backup_service():
    lines = (DEPLOY / "systemd" / "advisor-backup.service").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_the_image_can_save_the_database_beside_it():
    server = re.search(r"pg(\d+)$", COMPOSE["services"]["postgres"]["image"])[1]
    assert {"trixie": "17"}[re.search(r"^FROM python:\S+-slim-(\w+)", DOCKERFILE, re.MULTILINE)[1]] == server
    assert "postgresql-client" in DOCKERFILE


def test_compose_lets_the_site_into_its_database_as_no_superuser():
    port, password = processes.free_port(), "letters1and2digits"
    with stores.postgresql(port, password):
        _run_as_the_image_does("database.sql", port, password)
        with psycopg.connect(f"postgres://advisor:{password}@127.0.0.1:{port}/advisor", autocommit=True) as site:
            site.execute("CREATE TABLE made (id int)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                site.execute("COPY made TO PROGRAM 'true'")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"postgres://postgres:{password}@127.0.0.1:{port}/postgres")


def _run_as_the_image_does(name, port, password):
    mounted = f"./config/deploy/{name}:/docker-entrypoint-initdb.d/"
    service = COMPOSE["services"]["postgres"]
    assert [one for one in service["volumes"] if one.startswith(mounted)]
    assert set(service["environment"]) == {"POSTGRES_PASSWORD"}  # the image's superuser is then called postgres
    psql = [
        stores.postgresql_folder() / "bin" / "psql",
        "--no-psqlrc",
        "--set=ON_ERROR_STOP=1",
        f"--file={DEPLOY / name}",
    ]
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres", "PGPASSWORD": password}
    subprocess.run(psql, check=True, capture_output=True, env={**where, "POSTGRES_PASSWORD": password})
