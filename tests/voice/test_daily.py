"""The daily report: each figure of the letter against the rows, its two parts and its pictures, and that it comes once."""

import io
import math
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from PIL import Image

from knowledge.models import Asked
from tests.voice.months import Month
from voice import tasks
from voice.checks import daily_report_can_be_sent
from voice.daily import drawing, letter, sending, telling
from voice.models import Attempt, Conversation, DailyReport, DayFigures, Reading, Session, ToolCall, Turn

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 20)
CALM = ("user", "end-agent")
EIGHT = datetime(2026, 9, 21, 8, tzinfo=UTC)


@pytest.fixture
def wanted(settings):
    settings.VOICE_REPORT_TO, settings.EMAIL_URL = ["anna@example.org", "ben@example.org"], "smtp://localhost"


@pytest.fixture
def month(make_persona):
    return Month([make_persona(name="Advisor")], threads=300).save()


def parts(message):
    """{type or Content-ID: what is in it} of the message as it goes over the wire."""
    found = {}
    for part in message.message().walk():
        if part.get_content_type() == "image/png":
            found[part["Content-ID"]] = part.get_payload(decode=True)
        elif part.get_content_maintype() == "text":
            found[part.get_content_type()] = part.get_payload(decode=True).decode()
    return found


def visitors(rows, path="conversation__"):
    return rows.filter(**{f"{path}elsewhere": False, f"{path}kind": "visitor"})


def of_the_rows(day):
    """The same figures, counted by hand: what visitors did, without staff and rehearsals."""
    calls = list(visitors(Session.objects.filter(started_at__date=day)))
    turns = visitors(Turn.objects.filter(at__date=day))
    threads = visitors(Conversation.objects, "")
    stars = [one.rating for one in threads.filter(started_at__date=day) if one.rating]
    calm = [one for one in calls if not one.failure and (one.end_reason in CALM or (not one.end_reason and one.status))]
    asked = Asked.objects.filter(at__date=day, thread__in=[str(one.pk) for one in threads])
    lookups = visitors(ToolCall.objects.filter(at__date=day), "session__conversation__")
    took = sorted(one.milliseconds["total"] for one in lookups.exclude(outcome__in=["refused", "limited"]))
    return {
        "Conversations": len({(one.conversation_id, bool(one.session_id)) for one in turns}),
        "Calls": len(calls),
        "Minutes of voice": sum(one.seconds for one in calls) / 60,
        "Credits": sum(one.cost_credits or 0 for one in calls),
        "Calls brought to an end": len(calm) / len(calls),
        "Tool calls, p95": took[math.ceil(len(took) * 0.95) - 1],
        "Tool calls that failed": lookups.filter(outcome="fallback").count(),
        "Calls that did not start": Attempt.objects.filter(kind="visitor", outcome="start-slow", at__date=day).count(),
        "Calls that broke off": len(calls) - len(calm),
        "Questions": asked.count(),
        "Questions asked in vain": asked.filter(found=False).count(),
        "Ratings": len(stars),
        "Stars, mean": sum(stars) / len(stars),
        "Thumbs up": turns.filter(liked=True).count(),
        "Thumbs down": turns.filter(liked=False).count(),
    }


def test_each_figure_of_the_day_is_that_of_the_rows(month):
    told = {figure.name: figure.day for figure in telling.read(DAY).figures}
    expected = of_the_rows(DAY)
    assert list(told) == list(expected)
    assert told == pytest.approx(expected, rel=0.021)  # a percentile is kept to two percent
    assert sum(value > 0 for value in expected.values()) >= 12


def test_beside_it_stands_a_day_of_the_seven_before(month):
    told = {figure.name: figure.before for figure in telling.read(DAY).figures}
    before = [of_the_rows(DAY - timedelta(days=back)) for back in range(1, 8)]
    for name in ("Conversations", "Calls", "Minutes of voice", "Credits", "Questions asked in vain", "Thumbs up"):
        assert told[name] == pytest.approx(sum(one[name] for one in before) / 7), name
    calls = sum(one["Calls"] for one in before)
    assert told["Calls brought to an end"] == pytest.approx(
        sum(one["Calls brought to an end"] * one["Calls"] for one in before) / calls
    )


@pytest.mark.parametrize(
    ("kind", "day", "before", "written", "change"),
    [
        ("count", 12, 10, "12", "+20 %"),
        ("count", 9, 10, "9", "−10 %"),
        ("count", 5, 0, "5", ""),
        ("share", 0.9, 0.95, "90.0 %", "−5.0 points"),
        ("milliseconds", 450.4, 450.4, "450 ms", "±0 %"),
        ("mean", None, 4, "–", ""),
    ],
)
def test_a_figure_says_by_how_much_it_differs(kind, day, before, written, change):
    figure = telling.Figure("Something", kind, day, before)
    assert (figure.value, figure.change) == (written, change)


def test_both_parts_of_the_letter_hold_the_same_figures(month, wanted):
    assert sending.send_due(EIGHT)
    [message] = mail.outbox
    assert message.to == ["anna@example.org", "ben@example.org"]
    assert message.subject == "[Clone Advisor] Voice on 20 September 2026"
    found = parts(message)
    for figure in telling.read(DAY).figures:
        assert f"{figure.value}  ({figure.usual}" in found["text/plain"], figure.name
        assert f"<strong>{figure.value}</strong>" in found["text/html"], figure.name
        assert figure.name in found["text/plain"]
        assert figure.name in found["text/html"]
    for text in found["text/plain"], found["text/html"]:
        assert "/staff/voice/?first=2026-09-20" in text


def test_every_picture_is_in_the_letter_and_has_its_numbers_as_words(month, wanted):
    sending.send_due(EIGHT)
    found, plots = parts(mail.outbox[0]), telling.read(DAY).plots
    assert {name for name in found if name.startswith("<")} == {f"<{plot.key}>" for plot in plots}
    for plot in plots:
        assert f'src="cid:{plot.key}"' in found["text/html"]
        assert f'alt="{plot.words}"' in found["text/html"]
        assert plot.words in found["text/plain"]
        assert len(plot.values) == 8
        picture = Image.open(io.BytesIO(found[f"<{plot.key}>"]))
        assert (picture.format, picture.size) == ("PNG", (2 * drawing.WIDTH, 2 * drawing.HEIGHT))
    assert mail.outbox[0].message().get_content_type() == "multipart/related"
    assert "http" not in found["text/html"].replace(letter.address(DAY).replace("&", "&amp;"), "")  # nothing is fetched


def test_a_bar_is_as_high_as_its_value():
    picture = Image.open(io.BytesIO(drawing.bars(["1", "2", "3"], [10, None, 5]))).convert("RGB")
    step = (drawing.WIDTH - drawing.LEFT - drawing.RIGHT) / 3
    heights = []
    for place in range(3):
        x = int((drawing.LEFT + step * (place + 0.35)) * drawing.DENSE)
        column = [picture.getpixel((x, y)) for y in range(picture.height)]
        heights.append(sum(one in ((143, 184, 180), (11, 107, 98)) for one in column))
    assert heights[0] == pytest.approx(2 * heights[2], abs=6)
    assert heights[1] == 0


def test_a_day_without_anything_is_told_as_such(wanted):
    assert sending.send_due(EIGHT)
    text = parts(mail.outbox[0])["text/plain"]
    assert "Conversations             0  (0.0)" in text
    assert "Tool calls, p95           –  (–)" in text


def test_no_question_is_named_unless_a_setting_allows_it(month, wanted, settings):
    asked = "Where is <b>the</b> harbour master?"
    noon = datetime(2026, 9, 20, 12, tzinfo=UTC)
    for _ in range(50):
        Asked.objects.create(persona=month.personas[0], question=asked, channel="typed", found=False, at=noon)
    sending.send_due(EIGHT)
    assert "harbour master" not in mail.outbox[0].message().as_string()
    settings.VOICE_REPORT_QUESTIONS = True
    found = parts(letter.write(DAY, ["anna@example.org"]))
    assert f"- {asked} (50)" in found["text/plain"]
    assert "Where is &lt;b&gt;the&lt;/b&gt; harbour master?" in found["text/html"]


def test_it_is_written_in_the_sites_language(month, wanted, settings):
    settings.LANGUAGE_CODE = "de"
    sending.send_due(EIGHT)
    found = parts(mail.outbox[0])
    assert "Gespräche" in found["text/plain"]
    assert '<html lang="de"' in found["text/html"]


def test_the_plan_is_told_where_it_is_known(wanted):
    Reading.objects.create(day=DAY, at=EIGHT, used=8_500, limit=10_000)
    sending.send_due(EIGHT)
    for text in parts(mail.outbox[0]).values():
        if isinstance(text, str):
            assert "8,500 of the plan" in text


def test_it_comes_once_however_often_beat_fires(wanted):
    assert [sending.send_due(EIGHT), sending.send_due(EIGHT), sending.send_due(EIGHT + timedelta(hours=9))] == [
        True,
        False,
        False,
    ]
    assert len(mail.outbox) == 1
    assert sending.send_due(EIGHT + timedelta(days=1))
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_send_at_once_one_sends(wanted):
    def work():
        try:
            sending.send_due(EIGHT)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert len(mail.outbox) == 1
    assert DailyReport.objects.get().sent_at is not None


def test_it_is_not_sent_before_its_hour_and_later_when_nothing_ran_then(wanted, settings):
    settings.VOICE_REPORT_HOUR = 9
    assert not sending.send_due(EIGHT)
    assert mail.outbox == []
    assert sending.send_due(EIGHT.replace(hour=23))


def test_the_hour_is_that_of_the_sites_time_zone(wanted, settings):
    settings.TIME_ZONE, settings.VOICE_REPORT_HOUR = "Pacific/Auckland", 7
    evening = datetime(2026, 9, 20, 18, 59, tzinfo=UTC)  # 06:59 on the 21st there
    assert not sending.send_due(evening)
    assert sending.send_due(evening + timedelta(minutes=1))
    assert DailyReport.objects.get().day == DAY


def test_what_could_not_be_sent_is_sent_with_the_next_beat(wanted, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody is there
    assert not sending.send_due(EIGHT)
    assert not DailyReport.objects.exists()
    assert "anna@example.org" not in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sending.send_due(EIGHT)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("minutes", "letters"), [(14, 0), (16, 1)])
def test_what_a_worker_was_killed_over_is_sent_once_by_another(wanted, minutes, letters):
    DailyReport.objects.create(day=DAY, claimed_at=EIGHT - timedelta(minutes=minutes))
    assert [sending.send_due(EIGHT), sending.send_due(EIGHT)] == [letters == 1, False]
    assert len(mail.outbox) == letters


@pytest.mark.parametrize("empty", ["VOICE_REPORT_TO", "EMAIL_URL"])
def test_where_it_goes_to_nobody_nothing_is_made(wanted, settings, empty):
    setattr(settings, empty, type(getattr(settings, empty))())
    assert not sending.send_due(EIGHT)
    assert not DailyReport.objects.exists()
    assert not DayFigures.objects.exists()


def test_the_clock_has_it_sent(wanted, settings):
    settings.VOICE_REPORT_HOUR = 0
    assert "voice.tasks.send_daily_report" in {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    tasks.send_daily_report()
    assert len(mail.outbox) == 1


def test_the_command_prints_it_and_sends_nothing(month, capsys):
    call_command("daily_report", "--print", "--day", "2026-09-20")
    assert "Voice on 20 September 2026" in capsys.readouterr().out
    assert mail.outbox == []


def test_the_command_sends_it_now_and_the_daily_one_comes_all_the_same(wanted):
    call_command("daily_report", "--to", "carla@example.org")
    assert [one.to for one in mail.outbox] == [["carla@example.org"]]
    assert sending.send_due(timezone.now().replace(hour=23))


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "2999-01-01"])
def test_the_command_refuses_a_day_that_has_not_been(day):
    with pytest.raises(CommandError, match="is no day that has been"):
        call_command("daily_report", "--print", "--day", day)


def test_the_command_says_what_is_missing():
    with pytest.raises(CommandError, match="Set VOICE_REPORT_TO"):
        call_command("daily_report")


def test_a_letter_that_cannot_go_out_is_told_at_start(settings):
    settings.VOICE_REPORT_TO, settings.EMAIL_URL = ["anna@example.org"], ""
    assert [one.id for one in daily_report_can_be_sent(None)] == ["voice.W021"]
    settings.EMAIL_URL, settings.VOICE_REPORT_HOUR = "smtp://localhost", 24
    assert [one.id for one in daily_report_can_be_sent(None)] == ["voice.W022"]
    settings.VOICE_REPORT_HOUR = 7
    assert daily_report_can_be_sent(None) == []
