"""What Prometheus is told: what was counted (``knowledge.meters``), and how things stand in the rows and in Redis now.

The rows are asked on a thread that may hang, against one deadline. What cannot be known is left out, and
``clone_advisor_up`` says why; so a dead store costs a scrape its figures and never its answer.
"""

import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Count
from django.utils import timezone
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry
from redis.exceptions import RedisError

from knowledge import broker, meters, trips
from knowledge.models import Document, Passage
from voice import backlog, capacity, lookups, queue, sessions
from voice.agents import account
from voice.crew import Crew, Late, NobodyLeft
from voice.cutting import cut
from voice.models import Agent, Alert, Delivery
from voice.tasks import HEARTBEAT

ROWS_SECONDS = 2.0
PREFIX = "clone_advisor_"


@dataclass(frozen=True, slots=True)
class Meter:
    """Something that is counted or, with ``seconds``, timed."""

    help: str
    labels: tuple
    seconds: bool = True


METERS = {
    "tool_call": Meter("Tool calls, from their arrival to their answer.", ("outcome", "cached")),
    "tool_call_stage": Meter("Stages of tool calls.", ("stage",)),
    "typed_answer": Meter("Answers to typed questions, found and written.", ("outcome",)),
    "gateway_request": Meter("Requests to ElevenLabs.", ("operation", "outcome")),
    "task": Meter("Tasks of the workers.", ("task", "outcome")),
    "starts": Meter("Starts of calls as pages told of them first.", ("outcome",), seconds=False),
    "reports": Meter("Post-call reports that knocked.", ("outcome",), seconds=False),
}
GAUGES = {
    "up": ("Whether a store answers.", ("store",)),
    "scraped_rows_seconds": ("How long the rows took to be asked for this page.", ()),
    "calls_running": ("Calls that hold a line.", ()),
    "call_lines": ("Calls that may run at once.", ()),
    "queue_length": ("Visitors who wait for a line.", ()),
    "agents": ("Agents at ElevenLabs by state.", ("state",)),
    "agents_changed_by_hand": ("Agents that somebody changed at ElevenLabs.", ()),
    "documents": ("Documents by status.", ("status",)),
    "passages": ("Passages of all documents.", ()),
    "reports_waiting": ("Reports that are kept and due to be read.", ()),
    "alerts_open": ("Alerts that are not over, by kind.", ("kind",)),
    "credits_left": ("Credits left of the plan at the last look at the account.", ()),
    "credits_limit": ("Credits of the plan at the last look at the account.", ()),
    "account_age_seconds": ("How long ago the account was looked at.", ()),
    "task_queue_age_seconds": ("How long the oldest task has been waiting.", ()),
    "worker_heartbeat_age_seconds": ("How long ago a worker last did what beat hands out.", ()),
    "breaker_open": ("Whether the answering process leaves a dependency alone.", ("dependency",)),
}


def write():
    """The page, in Prometheus' text format, as bytes. Never waits for a store longer than a few seconds."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything())
    return generate_latest(registry)


class _Everything(Collector):
    """A registry's one collector."""

    def collect(self):
        sums = meters.read()
        yield from _metered(sums or {})
        values = _stores(sums is not None)
        for name, (says, labels) in GAUGES.items():
            family = GaugeMetricFamily(PREFIX + name, says, labels=labels)
            for given, value in values.get(name, {}).items():
                family.add_metric(given, value)
            yield family


def _metered(sums):
    series = {}
    for (name, labels, part), amount in sums.items():
        meter = METERS.get(name)
        if meter is not None and tuple(sorted(meter.labels)) == tuple(label for label, _ in labels):
            given = dict(labels)
            key = tuple(given[label] for label in meter.labels)
            series.setdefault(name, {}).setdefault(key, {})[part] = amount
    for name, meter in METERS.items():
        yield _family(name, meter, series.get(name, {}))


def _family(name, meter, series):
    if not meter.seconds:
        family = CounterMetricFamily(PREFIX + name, meter.help, labels=meter.labels)
        for given, parts in series.items():
            family.add_metric(given, parts.get("", 0))
        return family
    family = HistogramMetricFamily(f"{PREFIX}{name}_seconds", meter.help, labels=meter.labels)
    for given, parts in series.items():
        family.add_metric(given, buckets=list(_buckets(parts)), sum_value=parts.get(meters.SUM, 0))
    return family


def _buckets(parts):
    """Prometheus' buckets hold all that lies below their bound."""
    total = 0
    for bound in (*map(str, meters.BOUNDS), meters.MORE):
        total += parts.get(bound, 0)
        yield bound, total


def _stores(redis_answers):
    """{gauge: {label values: value}}"""
    found = {name: {} for name in GAUGES}
    breakers = {"redis": trips.breaker, "database": lookups.database, "broker": broker.breaker, "voice": sessions.line}
    found["breaker_open"] = {(name,): int(breaker.is_open) for name, breaker in breakers.items()}
    found["call_lines"][()] = settings.VOICE_MAX_SESSIONS
    found["up"][("redis",)] = int(redis_answers)
    if redis_answers:
        _ask_redis(found)
    began = time.monotonic()
    rows = _within(ROWS_SECONDS)
    found["up"][("database",)] = int(rows is not None)
    found["scraped_rows_seconds"][()] = time.monotonic() - began
    return found | (rows or {})


def _ask_redis(found):
    try:
        beaten, waiting = cache.get(HEARTBEAT), queue.length()
        found["task_queue_age_seconds"][()] = backlog.age()
    except RedisError:
        found["up"][("redis",)] = 0
        return
    if beaten is not None:
        found["worker_heartbeat_age_seconds"][()] = max(0, time.time() - beaten)
    if waiting is not None:
        found["queue_length"][()] = waiting


def _within(seconds):
    """What the rows say, or None when they do not in time."""
    place = {}
    try:
        job = _crew.start(_ask_rows, place)
        return job.result(time.monotonic() + seconds)
    except Late:
        cut(place["connection"])
    except NobodyLeft:
        pass
    except Exception:  # a database that says no in whatever way
        return None
    return None


def _ask_rows(place):
    connection = place["connection"] = connections[DEFAULT_DB_ALIAS]
    try:
        return _count_rows()
    finally:
        connection.close()


def _count_rows():
    open_alerts = Alert.objects.open()
    found = {
        "calls_running": {(): capacity.taken()},
        "agents": _by(Agent.objects.all(), "state", Agent.State.values),
        "agents_changed_by_hand": {(): Agent.objects.filter(persona__isnull=False).exclude(drift=[]).count()},
        "documents": _by(Document.objects.all(), "status", Document.Status.values),
        "passages": {(): Passage.objects.count()},
        "reports_waiting": {(): Delivery.objects.waiting().count()},
        "alerts_open": _by(open_alerts, "kind", Alert.Kind.values),
    }
    return found | _account()


def _by(rows, field, values):
    counted = dict(rows.order_by().values_list(field).annotate(Count("pk")))
    return {(value,): counted.get(value, 0) for value in values}


def _account():
    known = account.known_now()
    if known is None:
        return {}
    figures = {"credits_left": known.left, "credits_limit": known.limit}
    age = (timezone.now() - known.at).total_seconds()
    return {"account_age_seconds": {(): age}} | {name: {(): n} for name, n in figures.items() if n is not None}


_crew = Crew("metrics", hands=2, lost=4)
