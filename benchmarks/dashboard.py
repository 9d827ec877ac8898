"""Staff's dashboard over a year with a million turns, on PostgreSQL and SQLite: how long the page takes, and how long a day's
figures take to be made. The traffic is made by lot, by `tests.voice.months`."""

import argparse
import http.client
import json
import sys
import time

from benchmarks import figures, site

TARGET_MS = 300
ASKED = 30
TURNS_OF_A_THREAD = 7  # what the lot gives on average: questions and answers
FILL = """
import datetime, json, os, time
from django.db import connection
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from personas.models import Persona
from tests.voice import months
from voice.figures import days
from voice.models import Turn
DAYS, THREADS = {days}, {threads}
personas = list(Persona.objects.all())
personas += [Persona.objects.create(name=f"Advisor {{n}}", slug=f"advisor-{{n}}", status="published") for n in range(20)]
for day in range(DAYS):
    months.Month(personas, threads=THREADS // DAYS, days=1, seed=day, start=months.START + datetime.timedelta(days=day)).save()
took = []
for day in range(DAYS):
    began = time.monotonic()
    days.keep(months.START.date() + datetime.timedelta(days=day))
    took.append(time.monotonic() - began)
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables")
        sizes = dict(cursor.fetchall())
else:
    sizes = {{"the file": os.path.getsize(connection.settings_dict["NAME"])}}
user = User.objects.create_superuser("dashboard")
session = SessionStore()
session["_auth_user_id"], session["_auth_user_backend"] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
session["_auth_user_hash"] = user.get_session_auth_hash()
session.create()
print("RESULT" + json.dumps({{"turns": Turn.objects.count(), "took": took, "sizes": sizes, "key": session.session_key}}))
"""


def run(options):
    """Print it for both databases; a list of what missed its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks dashboard")
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--store", choices=("postgresql", "sqlite"), help="only this one")
    told = parser.parse_args(options)
    missed = []
    for store, postgresql in (("PostgreSQL", True), ("SQLite", False)):
        if told.store not in (None, store.lower()):
            continue
        with site.running(postgresql=postgresql) as open_:
            script = FILL.format(days=told.days, threads=told.turns // TURNS_OF_A_THREAD)
            filled = json.loads(open_.manage(script))
            print(f"\n{store}: {filled['turns']:,} turns in {told.days} days, milliseconds")
            print(f"  a day's figures made     {figures.spread([1000 * one for one in filled['took']])}")
            print(f"  on disk                  {_sizes(filled['sizes'])}")
            for name, query in _views(told.days).items():
                took = _ask(open_, filled["key"], query)
                print(f"  {name:24} {figures.spread(took)}")
                if figures.percentile(took, 0.95) > TARGET_MS:
                    missed.append(f"dashboard, {name}, {store}")
            sys.stdout.flush()
    return missed


def _sizes(sizes, named=6):
    """Of everything, and of the largest tables with their indexes."""
    largest = sorted(sizes.items(), key=lambda one: -one[1])[:named]
    return f"{sum(sizes.values()) / 1e6:,.0f} MB: " + ", ".join(f"{name} {size / 1e6:,.0f}" for name, size in largest)


def _views(days):
    """The page for a month, for the whole time, and as a file."""
    last = f"2026-09-{min(days, 30):02}"
    whole = f"first=2026-09-01&last={_day(days)}"
    return {
        "page, a month": f"first=2026-09-01&last={last}",
        "page, everything": whole,
        "file, everything": f"{whole}&format=csv",
    }


def _day(days):
    return time.strftime("%Y-%m-%d", time.gmtime(1788220800 + (days - 1) * 86_400))  # from 1 September 2026 on


def _ask(open_, key, query):
    """Milliseconds of each request, one after the other on one connection."""
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", open_.port, timeout=60)
    for _ in range(ASKED):
        began = time.monotonic()
        connection.request("GET", f"/staff/voice/?{query}", headers={"Cookie": f"sessionid={key}"})
        response = connection.getresponse()
        response.read()
        took.append((time.monotonic() - began) * 1000)
        if response.status != 200:
            raise SystemExit(f"The dashboard answered {response.status}.")
    return took
