"""How starts of calls went, kept as pages tell it."""

from knowledge import meters
from voice.models import Attempt, Conversation, Session


def keep(persona, conversation, told, kind=Conversation.Kind.VISITOR):
    """Write down or complete one attempt; what is told later never takes away what was known. ``conversation``: None where
    nothing was begun yet. ``told``: key, outcome, detail, resumed, session (ElevenLabs' id, only one of this thread counts),
    milliseconds by name. ``kind``: whose it is."""
    session = Session.objects.filter(conversation=conversation, elevenlabs_conversation_id=told["session"]).first()
    first = {"persona": persona, "outcome": told["outcome"], "conversation": conversation, "kind": kind}
    attempt, made = Attempt.objects.get_or_create(key=told["key"], defaults=first)
    if attempt.conversation_id is None and attempt.persona_id == persona.pk:
        attempt.conversation = conversation
    if attempt.persona_id != persona.pk or attempt.conversation != conversation:
        return None  # somebody else's key: theirs stays as it is
    attempt.session = session or attempt.session
    attempt.resumed = told["resumed"]
    attempt.detail = told["detail"] or attempt.detail
    if made or attempt.outcome != Attempt.LIVE:
        attempt.outcome = told["outcome"]
    attempt.milliseconds = {**attempt.milliseconds, **told["milliseconds"]}
    attempt.answers = max(attempt.answers, told["answers"], key=len)
    attempt.save()
    if made:
        meters.count("starts", outcome=_known(attempt))
    return attempt


def _known(attempt):
    """The outcome, for counting: whatever a page may call it, few names come of it."""
    if attempt.outcome == Attempt.REFUSED:
        return "refused_by_fault" if attempt.detail in Attempt.OUR_REFUSALS else "refused"
    known = (Attempt.LIVE, "cancelled", *Attempt.OUR_FAULTS)
    return attempt.outcome if attempt.outcome in known else "visitor"
