"""The admin's lists of the rows behind a figure."""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from voice.figures import errors
from voice.figures.board import FAILED
from voice.models import Conversation
from voice.models.figures import Channel

MOMENTS = {"conversation": "started_at", "toolcall": "at"}
THREAD = {"conversation": "", "toolcall": "session__conversation__"}  # from a row to its thread
NARROWED = {
    "": {}, "called": {"sessions__isnull": "False"}, "rated": {"rating__isnull": "False"},
    "failed": {"outcome__exact": FAILED[0]}, "pressed": {"attempts__isnull": "False"},
    "allowed": {"attempts__milliseconds__has_key": "allowed"}, "answered": {"attempts__answers__0__isnull": "False"},
}  # fmt: skip


def rows(model, period, only="", moment=None, **narrowed):
    """The rows of a period; ``only`` is one of NARROWED, ``narrowed`` are further lookups, ``moment`` is the field that lies
    in the period."""
    query = _within(moment or MOMENTS[model], period) | _whose(period, THREAD[model]) | NARROWED[only] | narrowed
    return f"{reverse(f'admin:voice_{model}_changelist')}?{urlencode(query)}"


def asked(words, period):
    """The conversations in which somebody said or typed these words."""
    return rows("conversation", period, q=words[:60])


def gap(words, period):
    """What is known of a question that found no answer."""
    persona = {"persona__id__exact": period.persona.pk} if period.persona is not None else {}
    return f"{reverse('admin:knowledge_gap_changelist')}?{urlencode(persona | {'status': 'all', 'q': words[:60]})}"


def document(one):
    return reverse("admin:knowledge_document_change", args=[one.pk])


def error(one, period):
    """The conversations in which an Error happened."""
    wrong = {
        errors.START: {"attempts__outcome__exact": one.name, **_begins("attempts__detail", one.code)},
        errors.FAILURE: _begins("sessions__failure", one.code),
        errors.LOOKUP: {
            "sessions__tool_calls__outcome__exact": one.name, **_begins("sessions__tool_calls__reason", one.code),
        },
        errors.END: {
            "sessions__end_reason__exact": one.name, "sessions__failure__exact": "",
            **_begins("sessions__termination_reason", one.code),
        },
    }[one.kind]  # fmt: skip
    if one.kind == errors.END and one.name == errors.OTHER:
        del wrong["sessions__end_reason__exact"]
    moment = {errors.START: "attempts__at", errors.LOOKUP: "sessions__tool_calls__at"}
    return rows("conversation", period, moment=moment.get(one.kind, "sessions__started_at"), **wrong)


def _begins(field, code):
    """Rows with this code, of which only the beginning was kept where it is long."""
    return {f"{field}__startswith" if len(code) == errors.LONGEST else f"{field}__exact": code}


def _within(moment, period):
    """Days are UTC's, whatever the site's time zone is."""
    after = period.last + timedelta(days=1)
    return {f"{moment}__gte": f"{period.first}T00:00:00Z", f"{moment}__lt": f"{after}T00:00:00Z"}


def _whose(period, thread):
    """The rows of a persona's, and of a channel or all visitors."""
    whose = {} if period.persona is None else {"persona__id__exact": period.persona.pk}
    if period.channel in (Channel.STAFF, Channel.REHEARSAL):
        return whose | {f"{thread}kind__exact": period.channel}
    whose |= {f"{thread}kind__exact": Conversation.Kind.VISITOR, f"{thread}elsewhere__exact": 0}
    taken = {Channel.BROWSER: "browser", Channel.PHONE: "phone"}.get(period.channel)
    call = "session__channel__exact" if thread else "sessions__channel__exact"
    if period.channel == Channel.TYPED and not thread:
        return whose | {"turns__channel__exact": "typed"}
    return whose | ({call: taken} if taken else {})
