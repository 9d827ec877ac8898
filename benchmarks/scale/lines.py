"""How long a start holds the one lock of all lines, by how many calls run: it counts them."""

import json

from benchmarks import figures, site

CALLS = (100, 1_000, 10_000, 100_000)
ASKED = 15
# So many calls run, and threads begin one more each; what lies between taking the lock and letting it go is timed.
TIME = """
import json, time, uuid
from django.conf import settings
from django.db import connection
from django.utils import timezone
from personas.models import Persona
from voice import sessions
from voice.models import Conversation, Session
settings.VOICE_MAX_SESSIONS = 10**6
persona = Persona.objects.order_by("slug").first()
def threads(count):
    return Conversation.objects.bulk_create([Conversation(persona=persona, visitor=uuid.uuid4()) for _ in range(count)], batch_size=5000)
told = {{}}
for calls in {calls}:
    missing = calls - Session.objects.count()
    running = [Session(conversation=one, elevenlabs_conversation_id=uuid.uuid4().hex, there="runs") for one in threads(missing)]
    Session.objects.bulk_create(running, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE voice_session")
    Session.objects.update(seen_at=timezone.now())
    took = []
    for thread in threads({asked}):
        began = time.perf_counter()
        sessions._reserve(thread, None, False, "")
        took.append((time.perf_counter() - began) * 1000)
    told[calls] = took
print("RESULT" + json.dumps(told))
"""


def measure():
    """{calls at once: milliseconds}, the median, printed on the way."""
    with site.running(postgresql=True) as open_:
        told = json.loads(open_.manage(TIME.format(calls=CALLS, asked=ASKED)))
    for calls, took in told.items():
        print(f"  one lock for all lines, {int(calls):>7,} calls at once: {figures.spread(took)} ms")
    return {calls: round(figures.percentile(took, 0.5), 2) for calls, took in told.items()}
