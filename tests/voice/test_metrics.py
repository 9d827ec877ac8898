"""What Prometheus is told, read by Prometheus' own parser; and that the board and the rules ask for nothing else."""

import json
import re

import pytest
from django.core.cache import cache
from prometheus_client.parser import text_string_to_metric_families

from config.celery import app as celery
from knowledge import meters, trips
from tests.conftest import ROOT
from tests.voice.test_tools import ask, body, call  # noqa: F401  (a fixture)
from voice import alerts, attempts, exposition, journal, labour
from voice.models import Alert, Attempt

TOKEN = "token-of-the-tests-for-prometheus"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
BOARD = json.loads((ROOT / "docs/grafana/clone-advisor.json").read_text())
RULES = (ROOT / "docs/prometheus/alerts.yml").read_text()


@pytest.fixture(autouse=True)
def _door(transactional_db, settings):
    """Real commits, since the rows are asked on another thread; and the door is open."""
    settings.METRICS_TOKEN = TOKEN
    yield
    journal.flush()


def scrape(client):
    """{(sample, ((label, value), ...)): value} of the page."""
    page = client.get("/metrics", headers=BEARER)
    assert page.status_code == 200
    families = text_string_to_metric_families(page.content.decode())
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def series(name, **labels):
    return f"clone_advisor_{name}", tuple(sorted(labels.items()))


def test_without_a_token_in_the_settings_there_is_no_such_page(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", TOKEN, "Basic " + TOKEN, "Bearer caf\xe9"])
def test_whoever_has_not_the_token_is_refused(client, given):
    refusal = client.get("/metrics", headers={"Authorization": given})
    assert (refusal.status_code, refusal["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')


def test_tool_calls_are_timed_by_outcome_and_by_stage(client, call):  # noqa: F811
    for _ in range(2):
        ask(body(call))
    assert journal.flush()
    found = scrape(client)
    for cached in ("true", "false"):
        assert found[series("tool_call_seconds_count", outcome="answered", cached=cached)] == 1
    assert found[series("tool_call_seconds_bucket", outcome="answered", cached="true", le="+Inf")] == 1
    assert found[series("tool_call_stage_seconds_count", stage="search")] == 1


def test_no_word_of_a_question_and_no_id_becomes_a_label(client, call):  # noqa: F811
    ask(body(call, "When does the ferry to Gull Island leave?"))
    assert journal.flush()
    page = client.get("/metrics", headers=BEARER).content.decode()
    persona = call.conversation.persona
    for word in ("ferry", "Gull", str(persona.pk), call.elevenlabs_conversation_id, persona.name):
        assert word not in page


def test_a_bucket_holds_all_that_lies_below_its_bound(client):
    for seconds in (0.001, 0.02, 7.0, 500.0):
        meters.observe("typed_answer", seconds, outcome="answered")
    found = scrape(client)
    bounds = {"0.005": 1, "0.01": 1, "0.025": 2, "5.0": 2, "10.0": 3, "120.0": 3, "+Inf": 4}
    got = {le: found[series("typed_answer_seconds_bucket", outcome="answered", le=le)] for le in bounds}
    assert got == bounds
    assert found[series("typed_answer_seconds_sum", outcome="answered")] == pytest.approx(507.021)


def test_what_several_processes_count_is_added_up(client):
    meters.count("reports", outcome="kept")
    meters.flush()
    meters.reset()  # as in another process
    meters.count("reports", 2, outcome="kept")
    assert scrape(client)[series("reports_total", outcome="kept")] == 3


def test_what_is_counted_while_redis_is_away_is_handed_over_afterwards(client, valkey):
    with valkey.frozen():
        meters.count("reports", outcome="kept")
        found = scrape(client)
        assert found[series("up", store="redis")] == 0
        assert found[series("up", store="database")] == 1
        assert series("reports_total", outcome="kept") not in found
    trips.reset()
    assert scrape(client)[series("reports_total", outcome="kept")] == 1


def test_a_database_that_does_not_answer_is_said_and_hides_nothing_else(client, monkeypatch):
    def hang():
        trips.threading.Event().wait(30)

    monkeypatch.setattr(exposition, "ROWS_SECONDS", 0.05)
    monkeypatch.setattr(exposition, "_count_rows", hang)
    meters.count("reports", outcome="kept")
    found = scrape(client)
    assert (found[series("up", store="database")], found[series("up", store="redis")]) == (0, 1)
    assert found[series("reports_total", outcome="kept")] == 1
    assert series("calls_running") not in found


def test_how_things_stand_is_told_with_every_state_named(client, call):  # noqa: F811
    alerts.settle("webhook", "It is off.")
    cache.set("worker-heartbeat", 0, 300)
    found = scrape(client)
    assert found[series("calls_running")] == 1
    assert found[series("documents", status="ready")] == 1
    assert found[series("documents", status="failed")] == 0
    assert {kind: found[series("alerts_open", kind=kind)] for kind in Alert.Kind.values} == {
        kind: int(kind == "webhook") for kind in Alert.Kind.values
    }
    assert found[series("worker_heartbeat_age_seconds")] > 1e9


def test_a_page_cannot_make_series_by_its_words(client, conversation):
    for number, outcome in enumerate(["live", "cancelled", "start-slow", "x" * 40, "another"]):
        told = {"key": f"00000000-0000-4000-8000-00000000000{number}", "outcome": outcome, "detail": "", "session": ""}
        attempts.keep(conversation.persona, conversation, told | {"resumed": False, "milliseconds": {}, "answers": []})
    found = scrape(client)
    counted = {dict(labels)["outcome"]: n for (name, labels), n in found.items() if name.endswith("starts_total")}
    assert counted == {"live": 1, "cancelled": 1, "start-slow": 1, "visitor": 2}
    assert Attempt.objects.count() == 5


def test_tasks_are_timed_by_their_end(client):
    task = celery.tasks["voice.tasks.heartbeat"]
    labour.begin(task_id="1")
    labour.end(task_id="1", task=task, state="FAILURE")
    assert scrape(client)[series("task_seconds_count", task=task.name, outcome="failure")] == 1


def test_no_more_series_are_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(meters, "ROOM", 3)
    for number in range(10):
        meters.count("reports", outcome=str(number))
    assert len(meters._sums) <= 3


def exported():
    """Every name that a query may ask for, with its labels."""
    names = {f"clone_advisor_{name}": set(labels) for name, (_, labels) in exposition.GAUGES.items()}
    for name, meter in exposition.METERS.items():
        if not meter.seconds:
            names[f"clone_advisor_{name}_total"] = set(meter.labels)
        for part in ("bucket", "count", "sum") if meter.seconds else ():
            names[f"clone_advisor_{name}_seconds_{part}"] = {*meter.labels, *(["le"] if part == "bucket" else [])}
    return names


def asked(queries):
    """{name: labels} that the queries ask for; a label in `by (...)` is asked of each name of its query."""
    found = {}
    for query in queries:
        by = {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", query) for label in group.split(",")}
        for name, chosen in re.findall(r"(clone_advisor_\w+)(?:{([^}]*)})?", query):
            found.setdefault(name, set()).update(
                by if name.endswith("_bucket") else by - {"le"}, re.findall(r"(\w+)\s*[=!]", chosen)
            )
    return found


def board_queries():
    return [target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", [])]


def rule_queries():
    return re.findall(r"^ +expr: (.+)$", RULES, re.MULTILINE)


@pytest.mark.parametrize("queries", [board_queries, rule_queries])
def test_the_board_and_the_rules_ask_for_what_there_is(queries):
    there, wanted = exported(), asked(queries())
    assert wanted
    assert wanted.keys() - there.keys() == set()
    assert {name: labels - there[name] for name, labels in wanted.items() if labels - there[name]} == {}


def test_everything_that_is_told_stands_on_the_board():
    on_board = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked(board_queries())}
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported()} - on_board == set()


def test_every_alert_of_ours_has_its_rule():
    kinds = set(re.findall(r"^ +kind: (\w+)$", RULES, re.MULTILINE))
    assert kinds == set(Alert.Kind.values)


def test_the_board_lets_whoever_imports_it_choose_where_the_figures_come_from():
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert [one["type"] for one in BOARD["templating"]["list"]] == ["datasource"]
    assert [
        panel["title"] for panel in BOARD["panels"] if panel["type"] != "row" and panel["datasource"] != source
    ] == []
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
