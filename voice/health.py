"""Whether we live, and whether every part we lean on does."""

import hmac
import time

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from knowledge import changeovers, embeddings
from voice import exposition, waiting
from voice.models import Agent, Alert
from voice.tasks import HEARTBEAT


@csrf_exempt  # they change nothing; another method is answered by what there is, not by a page about forms
@require_GET
def healthz(request):
    """The process answers. Nothing else is asked."""
    return JsonResponse({"ok": True})


@csrf_exempt
@require_GET
def readyz(request):
    """Each part in words. 503 only when questions cannot be answered at all: the rest degrades and is named."""
    parts = {
        "database": _database(),
        "redis": _redis(),
        "worker": _worker(),
        "vectors": _vectors(),
        "agents": _agents(),
        "lines": _lines(),
        "alerts": _alerts(),
    }
    return JsonResponse(
        {"ready": parts["database"]["ok"], "parts": parts}, status=200 if parts["database"]["ok"] else 503
    )


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


def _database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as fault:
        return {"ok": False, "says": f"The database does not answer ({type(fault).__name__})."}
    return {"ok": True, "says": connection.vendor}


def _redis():
    try:
        cache.get(HEARTBEAT)
    except RedisError as fault:
        return {"ok": False, "says": f"Redis does not answer ({type(fault).__name__}); answers are not cached."}
    return {"ok": True, "says": "answers"}


def _worker():
    try:
        beaten = cache.get(HEARTBEAT)
    except RedisError:
        return {"ok": False, "says": "Unknown while Redis does not answer."}
    if beaten is None:
        return {"ok": False, "says": "No worker was heard of for five minutes: documents and agents wait."}
    age = round(time.time() - beaten)
    return {"ok": age < 60, "says": f"last heard of {age} s ago", "age_seconds": age}


def _vectors():
    status = embeddings.status()
    says = status.engine if status.ready else f"words only: {status.problem}"
    try:
        waiting = len(changeovers.find_waiting())
    except DatabaseError:
        return {"ok": status.ready, "says": says}
    if waiting:
        says += f"; {waiting} {'persona is' if waiting == 1 else 'personas are'} answered by another engine until all is embedded"
    return {"ok": status.ready, "says": says}


def _agents():
    try:
        states = list(Agent.objects.values_list("state", flat=True))
    except DatabaseError:
        return {"ok": False, "says": "Unknown while the database does not answer."}
    in_step = states.count(Agent.State.IN_STEP)
    return {"ok": in_step == len(states), "says": f"{in_step} of {len(states)} in step"}


def _lines():
    """How many calls run and how many visitors wait for one."""
    try:
        now = waiting.counts()
    except DatabaseError:
        return {"ok": False, "says": "Unknown while the database does not answer."}
    says = f"{now['taken']} of {now['lines']} in use"
    if now["waiting"] is None:
        return {"ok": True, "says": f"{says}; nobody can stand in line while Redis does not answer", "waiting": None}
    return {"ok": True, "says": f"{says}; {now['waiting']} in line", "waiting": now["waiting"]}


def _alerts():
    """What staff were told of and is not over, with how long it has been so."""
    try:
        found = list(Alert.objects.open().order_by("since"))
    except DatabaseError:
        return {"ok": False, "says": "Unknown while the database does not answer."}
    if not found:
        return {"ok": True, "says": "none"}
    age = round(time.time() - found[0].since.timestamp())
    return {"ok": False, "says": "; ".join(str(alert) for alert in found), "age_seconds": age}
