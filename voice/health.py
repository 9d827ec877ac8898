"""Whether we live, and whether every part we lean on does."""

import hmac
import time
from dataclasses import replace

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.utils import InterfaceError
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from knowledge import changeovers, embeddings
from knowledge.models import Passage
from personas import remits
from voice import exposition, labour, waiting
from voice.agents import account
from voice.models import Agent, Alert

FAULTS = (DatabaseError, InterfaceError)
UNKNOWN = {"ok": False, "says": "Unknown while the database does not answer."}
SILENT_SECONDS = 60


@csrf_exempt  # they change nothing; another method is answered by what there is, not by a page about forms
@require_GET
def healthz(request):
    """The process answers. Nothing else is asked."""
    return JsonResponse({"ok": True})


@csrf_exempt
@require_GET
def readyz(request):
    """Each part and how it is. 503 only when questions cannot be answered at all: the rest degrades and is named.

    What a part says is for who has METRICS_TOKEN, and for staff who may see alerts, of all personas. Whoever hangs at a
    database that does not answer is freed by ``voice.lookout``; then the parts that stand in it are not asked.
    """
    first = _database()
    parts = {"database": first, "redis": _redis(), "worker": _worker(), "beat": _beat()}
    for name, look in (
        ("vectors", _vectors),
        ("elevenlabs", _elevenlabs),
        ("agents", _agents),
        ("lines", _lines),
        ("alerts", _alerts),
    ):
        parts[name] = _look(look) if first["ok"] else UNKNOWN
    if not (_knows_the_token(request) or (first["ok"] and _may_see_alerts(request.user))):
        parts = {name: {"ok": part["ok"], "says": "well" if part["ok"] else "not well"} for name, part in parts.items()}
    return JsonResponse({"ready": first["ok"], "parts": parts}, status=200 if first["ok"] else 503)


def _look(part):
    try:
        return part()
    except FAULTS:
        return UNKNOWN


@csrf_exempt
@require_GET
def metrics(request):
    """For Prometheus, in its text format. No page at all while METRICS_TOKEN is empty."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not _knows_the_token(request):
        refusal = HttpResponse("This page wants METRICS_TOKEN as Authorization: Bearer.\n", status=401)
        refusal["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refusal
    return HttpResponse(exposition.write(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _knows_the_token(request):
    """Compared in constant time; an empty setting lets nobody in."""
    given = request.headers.get("Authorization", "").encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())


def _may_see_alerts(user):
    """As ``AlertAdmin`` has it: what the parts say names personas, agents and what staff were told."""
    return user.is_staff and user.has_perm("voice.view_alert") and not remits.is_limited(user)


def _database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except FAULTS as fault:
        return {"ok": False, "says": f"The database does not answer ({type(fault).__name__})."}
    return {"ok": True, "says": connection.vendor, "age_seconds": 0}


def _redis():
    try:
        cache.get(labour.WORKER)
    except RedisError as fault:
        return {"ok": False, "says": f"Redis does not answer ({type(fault).__name__}); answers are not cached."}
    return {"ok": True, "says": "answers", "age_seconds": 0}


def _worker():
    return _heard_of(labour.WORKER, "No worker was heard of today: documents, agents and reports wait.")


def _beat():
    return _heard_of(labour.BEAT, "Beat was not heard of today: nothing that recurs is done.")


def _heard_of(key, never):
    try:
        age = labour.seen(key)
    except RedisError:
        return {"ok": False, "says": "Unknown while Redis does not answer."}
    if age is None:
        return {"ok": False, "says": never}
    return {"ok": age < SILENT_SECONDS, "says": f"last heard of {age:.0f} s ago", "age_seconds": round(age)}


def _vectors():
    status, lacking = embeddings.status(), {}
    says = status.engine if status.ready else f"words only: {status.problem}"
    engine = embeddings.configured()
    if engine.breaker.is_open:
        status, says = replace(status, ready=False), f"words only: {engine.breaker.why}"
    waiting = len(changeovers.find_waiting())
    if waiting:
        says += f"; {waiting} {'persona is' if waiting == 1 else 'personas are'} answered by another engine until all is embedded"
    if engine.id:
        lacking = {"passages_without": Passage.objects.without_vectors(engine.id).count()}
    return {"ok": status.ready, "says": says, **lacking}


def _elevenlabs():
    """What the scheduled look at the account found; nobody is asked for this page."""
    known = account.known_now()
    if known is None:
        return {"ok": False, "says": "This key was not looked at yet; the worker does so within five minutes."}
    age = round((timezone.now() - known.at).total_seconds())
    if known.problem:
        return {"ok": False, "says": known.problem, "age_seconds": age}
    lacking = ", ".join(one.title for one in known.lacking)
    says = f"the key lacks: {lacking}" if lacking else "the key may do all that is needed"
    return {"ok": not lacking, "says": says, "age_seconds": age}


def _agents():
    states = list(Agent.objects.values_list("state", flat=True))
    in_step = states.count(Agent.State.IN_STEP)
    return {"ok": in_step == len(states), "says": f"{in_step} of {len(states)} in step"}


def _lines():
    """How many calls run and how many visitors wait for one."""
    now = waiting.counts()
    says = f"{now['taken']} of {now['lines']} in use"
    if now["waiting"] is None:
        return {"ok": True, "says": f"{says}; nobody can stand in line while Redis does not answer", "waiting": None}
    return {"ok": True, "says": f"{says}; {now['waiting']} in line", "waiting": now["waiting"]}


def _alerts():
    """What staff were told of and is not over, with how long it has been so."""
    found = list(Alert.objects.open().order_by("since"))
    if not found:
        return {"ok": True, "says": "none"}
    age = round(time.time() - found[0].since.timestamp())
    return {"ok": False, "says": "; ".join(str(alert) for alert in found), "age_seconds": age}
