"""Voice connections: the permission to open one, and its end."""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import caching, tracks
from knowledge.breakers import Breaker
from voice import calls, capacity, conversations, endings, gateway, journal, lines, minutes, queue, rollout, tools
from voice.models import Agent, Session, Turn

logger = logging.getLogger(__name__)
SESSIONS_A_DAY = 50
UNREACHABLE = ("unreachable", _("The voice service is not answering. You can go on by typing."), 30)
UNOPENED_AT_ONCE = 3  # addresses of one visitor that are not known to be used or over
UNOPENED_FROM_ONE_ADDRESS = 12  # an office's calls that connect are none of these after seconds
REPLACED = "replaced by a new call"
BUSY = ("busy", _("All lines are taken right now. You can type meanwhile and try again in a minute."), 30)
NEVER_CONNECTED = (
    "limit",
    _("Several calls were begun from here and not connected to. Try again in a few minutes; you can type meanwhile."),
    300,
)
# After three starts in a row without an answer nobody waits for a fourth; every five seconds one visitor tries for all.
line = Breaker("The voice line", rest=5, patience=3)


class Unavailable(Exception):
    """No call now. ``code`` is for the script, ``str()`` for the visitor, ``retry_after`` in seconds or None."""

    def __init__(self, code, message, retry_after=None):
        super().__init__(message)
        self.code, self.retry_after = code, retry_after


@dataclass(frozen=True, slots=True)
class Permission:
    signed_url: str
    session: str
    thread: str
    keys: str  # what the keys of this call's turns begin with
    context: str
    language: str
    max_seconds: int
    per: str = ""  # day or month, where an allowance ends the call before its time
    spent: str = ""  # what its visitor is told then


def start(conversation, user, origin=""):
    """Ask ElevenLabs for an address that opens one call, bound to this thread. ``origin`` is the same for all who come from
    one client address. Raises Unavailable."""
    persona = conversation.persona
    if refusal := rollout.refusal(user, conversation.visitor, persona):
        raise Unavailable(*refusal)
    if not line.admits():
        raise Unavailable(*UNREACHABLE)
    conversations.belong(conversation, user)
    had_line = endings.settle(conversation.visitor)
    reserved, entry, left, url = _reserve(conversation, user, had_line, origin)
    url = url or _open(reserved, entry)
    conversation_id = reserved.elevenlabs_conversation_id
    tracks.follow(conversation_id)
    remember(reserved, persona)
    _go_on(reserved)
    conversations.take_up(conversation)
    logger.info("a call with %s may begin", persona.slug)
    return Permission(
        signed_url=url,
        session=conversation_id,
        thread=str(conversation.pk),
        keys=reserved.keys,
        context=conversations.context(conversation),
        language=persona.language,
        max_seconds=reserved.granted_seconds,
        **_end_of(left, reserved),
    )


def _open(reserved, entry):
    """The address of a call for which a line is held. Raises Unavailable; then the line is free again."""
    persona = reserved.conversation.persona
    try:
        url, conversation_id = _signed_url(persona)
    except Unavailable:
        reserved.delete()
        queue.give_back(queue.place_of(reserved.conversation.visitor, persona.pk), entry)
        raise
    reserved.elevenlabs_conversation_id = conversation_id
    reserved.save(update_fields=["elevenlabs_conversation_id"])
    endings.keep_address(conversation_id, url)
    return url


def _end_of(left, session):
    """What the page needs to know of an allowance that ends the call."""
    if left is None or session.granted_seconds >= settings.VOICE_MAX_SECONDS:
        return {}
    return {"per": left.per, "spent": minutes.used_up(left)}


def _signed_url(persona):
    """(address, conversation id). Raises Unavailable with what the visitor is told."""
    try:
        given = gateway.signed_url(persona.agent.elevenlabs_agent_id)
    except gateway.Unreachable as fault:
        line.failed(type(fault).__name__, fault.retry_after)
        raise Unavailable(*UNREACHABLE) from fault
    except gateway.Refused as fault:
        line.worked()
        raise _refused(persona, fault) from fault
    line.worked()
    return given


def _refused(persona, fault):
    if isinstance(fault, gateway.Gone):
        Agent.objects.filter(persona=persona).update(state=Agent.State.GONE, fingerprint="")
        return Unavailable(
            "no_agent", gettext("The voice is being set up again. Please type for now and try in a minute."), 60
        )
    logger.error("signed address for %s refused: %s", persona.slug, fault)
    return Unavailable("refused", gettext("Voice is not available right now. You can go on by typing."))


def _reserve(conversation, user, had_line, origin):
    """(a session that holds one of the lines, how its visitor came by it, what is left of the minutes, its address when it
    has one already). Raises Unavailable.

    One after the other, so that the last line is given once and nobody overtakes who stands in line. The line is asked
    meanwhile: Redis answers in a tenth of a second or counts as away. ``had_line``: a call of this visitor's is just over.
    """
    place = queue.place_of(conversation.visitor, conversation.persona_id)
    with transaction.atomic():
        capacity.hold()
        again, url = endings.unopened(conversation)
        if not again:
            _check_today(conversation.visitor)
            _check_unopened(conversation.visitor, origin)
        has_line = _replace(conversation.visitor, again) or had_line
        left = minutes.left(user, conversation.visitor, conversation.persona)
        if again:
            entry = queue.Entry(True)
        else:
            again, entry = _hold_line(conversation, place, has_line, left)
            Session.objects.filter(pk=again.pk).update(came_from=origin)
    if has_line or url:
        queue.leave(place)
    return again, entry, left, url


def _hold_line(conversation, place, has_line, left):
    """(a new session, how its visitor came by its line). Raises Unavailable."""
    if left is not None and left.is_used_up:
        raise Unavailable(*minutes.refusal(left))
    entry = queue.Entry(True) if has_line else queue.enter(place, capacity.taken())
    if not entry.admitted:
        raise Unavailable(*BUSY)
    name = f"reserved:{uuid.uuid4()}"
    most = min(settings.VOICE_MAX_SECONDS, left.seconds) if left else settings.VOICE_MAX_SECONDS
    return Session.objects.create(
        conversation=conversation, elevenlabs_conversation_id=name, granted_seconds=most
    ), entry


def _replace(visitor, again):
    """End this visitor's other calls. Whether the new one may have the line of one: of one that runs, as ElevenLabs says,
    which its page has lost. Only once: until that one is known to be over, a further call needs a line of its own."""
    mine = Session.objects.unsettled().filter(conversation__visitor=visitor)
    others = mine.exclude(pk=again.pk) if again else mine
    (one, *more) = [*others.order_by("-started_at")[:2], None]
    passes = not again and one and not more[:-1] and one.ended_at is None and one.there == Session.There.RUNS
    if passes:
        Session.objects.filter(pk=one.pk).update(passed_on=True)
    live = Session.objects.live().filter(conversation__visitor=visitor)
    live.exclude(pk=again.pk if again else None).update(ended_at=timezone.now(), end_reason=REPLACED)
    return bool(passes)


def _check_today(visitor):
    today = timezone.now() - timedelta(days=1)
    if minutes.calls_since(visitor, today) >= SESSIONS_A_DAY:
        raise Unavailable("limit", _("That is all the calls for today. You can go on by typing."), 3600)


def _check_unopened(visitor, origin):
    """Who begins calls that are never connected to takes lines from others."""
    waiting = Session.objects.unsettled().exclude(there=Session.There.RUNS)
    if waiting.filter(conversation__visitor=visitor).count() >= UNOPENED_AT_ONCE:
        raise Unavailable(*NEVER_CONNECTED)
    silent = waiting.filter(Q(there=Session.There.NONE) | ~Exists(Turn.objects.filter(session=OuterRef("pk"))))
    if origin and silent.filter(came_from=origin).count() >= UNOPENED_FROM_ONE_ADDRESS:
        raise Unavailable(*NEVER_CONNECTED)


def remember(session, persona):
    """Spare the tool call its database: which persona the conversation belongs to, and what to say when all fails."""
    if lines.is_named(session):
        fact = tools.live_fact(persona, session.pk)
        caching.remember(tools.live_key(session.elevenlabs_conversation_id), fact, _lasts())
    caching.remember(tools.fallback_key(persona.pk), persona.fallback_message.encode(), _lasts())


def _go_on(session):
    """So that the first question of the call may lean on what was asked in the thread before it."""
    if earlier := conversations.asked_last(session.conversation):
        key = tools.thread_key(session.elevenlabs_conversation_id)
        caching.remember(key, calls.write_thread(earlier), journal.THREAD_SECONDS)


def _lasts():
    return int(settings.VOICE_SESSION_MAX_AGE.total_seconds())


def end(session, reason):
    """The page hung up, or says why the call ended. Its tool calls are refused from now on. Whether that is news: to be
    confirmed, since until then its line and its minutes are not free (`voice.endings`)."""
    caching.forget(tools.live_key(session.elevenlabs_conversation_id))
    rows = Session.objects.filter(pk=session.pk)
    logger.info("the page says that the call has ended")
    if rows.filter(ended_at=None).update(ended_at=timezone.now(), end_reason=reason[:200]):
        return True
    # The report, which knew when, came first; or the page called again before it told of this call.
    return bool(rows.filter(end_reason__in=("", REPLACED)).update(end_reason=reason[:200]))


def doubt(persona):
    """The persona was changed, withdrawn or deleted: its live calls prove themselves from the rows again."""
    for conversation_id in (
        Session.objects.live()
        .filter(conversation__persona=persona)
        .values_list("elevenlabs_conversation_id", flat=True)
    ):
        caching.forget(tools.live_key(conversation_id))
    caching.remember(tools.fallback_key(persona.pk), persona.fallback_message.encode(), _lasts())
