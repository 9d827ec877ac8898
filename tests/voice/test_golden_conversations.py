"""The demo's golden conversations against the whole site: typed by everybody, a third of them spoken in real calls, with
a Celery worker that reads the reports. All of them run once; the tests look at what came of it."""

import asyncio
import time

import pytest
from django.core.management import call_command
from django.test import override_settings

from config.celery import app as celery
from demo.programs import write_sentences
from tests import workers
from tests.voice import elevenlabs
from voice import journal
from voice.callers import golden, rehearsing
from voice.callers.records import Account
from voice.callers.replaying import SPOKEN, TYPED
from voice.management.commands.replay_conversations import FILE
from voice.models import Session

CONVERSATIONS = {one.name: one for one in golden.read(FILE)}
SPOKEN_TOO = ["help-on-the-quay", "the-dog-and-the-crank", "typed-first-then-spoken", "cut-short-over-the-lock"]
KEY = "key-of-the-tests"


@pytest.fixture(scope="module")
def rehearsal(live_server, django_db_setup, django_db_blocker, tmp_path_factory):
    """(Results by name, the threads of the spoken ones in the database after their reports, by session)."""
    folder = tmp_path_factory.mktemp("rehearsal")
    write_sentences(folder / "sentences.txt")
    flags = ["--speech", "flite", "--sentences", str(folder / "sentences.txt"), "--webhook-delay", "0.1"]
    with django_db_blocker.unblock(), elevenlabs.running(folder, *flags) as standin:
        here = {"ELEVENLABS_URL": standin.url, "ELEVENLABS_API_KEY": KEY, "PUBLIC_URL": live_server.url}
        celery.conf.task_always_eager = False
        with override_settings(**here), workers.running(folder / "worker.log", **here):
            call_command("load_demo", verbosity=0)
            call_command("sync_agents", verbosity=0)
            results = asyncio.run(_rehearse(live_server.url, Account(standin.url, KEY)))
            threads = {
                played.session: _after_the_report(played.session)
                for result in results.values()
                for played in result.runs.values()
                if played.session
            }
            assert journal.flush()
    return results, threads


async def _rehearse(site, account):
    """Typed and spoken runs side by side: listening takes as long as it takes."""
    spoken = [CONVERSATIONS[name] for name in SPOKEN_TOO]
    typed = [one for one in CONVERSATIONS.values() if one not in spoken]
    patience = {"patience": 10}  # how fast we are is measured elsewhere, on a machine that does nothing else
    both = rehearsing.rehearse(site, spoken, [TYPED, SPOKEN], account, at_once=len(spoken), **patience)
    talked, wrote = await asyncio.gather(both, rehearsing.rehearse(site, typed, [TYPED], at_once=2, **patience))
    return {result.conversation.name: result for result in [*talked, *wrote]}


def _after_the_report(session, seconds=30):
    """The thread's rows once the worker has read the report: (speaker, text, interrupted, cited documents)."""
    until = time.monotonic() + seconds
    while not Session.objects.filter(elevenlabs_conversation_id=session).exclude(reported_at=None).exists():
        assert time.monotonic() < until, f"no report of {session} was read"
        time.sleep(0.1)
    turns = Session.objects.get(elevenlabs_conversation_id=session).conversation.turns.all()
    return [_row(turn.speaker, turn.text, turn.interrupted, _titles(turn)) for turn in turns]


def _titles(turn):
    return [(citation["document"], citation["quote"]) for citation in turn.citations]


def _row(speaker, text, interrupted, citations):
    return speaker, text, interrupted, tuple(citations)


def told(result):
    return "\n".join(rehearsing.tell(result))


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_golden_conversation_goes_as_its_file_says(rehearsal, name):
    result = rehearsal[0][name]
    assert not result.differs, told(result)


@pytest.mark.parametrize("name", SPOKEN_TOO)
def test_typed_and_spoken_both_were_heard_and_held_against_the_other_sides_record(rehearsal, name):
    result = rehearsal[0][name]
    assert list(result.runs) == [TYPED, SPOKEN]
    assert result.notes == []


@pytest.mark.parametrize("name", SPOKEN_TOO)
def test_the_report_adds_nothing_to_a_thread_that_the_page_told_whole(rehearsal, name):
    results, threads = rehearsal
    played = results[name].runs[SPOKEN]
    seen = [_row(row.speaker, row.text, row.interrupted, row.citations) for row in played.thread]
    assert threads[played.session] == seen


def test_the_sound_of_every_answer_arrived_and_every_question_was_understood(rehearsal):
    sounds = [step.sound for name in SPOKEN_TOO for step in rehearsal[0][name].runs[SPOKEN].steps if step.sound]
    assert len(sounds) >= 8
    assert {sound.word_error for sound in sounds} == {0.0}
    assert all(sound.loudness > 300 and sound.seconds > 0.5 for sound in sounds)
    assert all(0 < sound.first <= sound.answer for sound in sounds)
