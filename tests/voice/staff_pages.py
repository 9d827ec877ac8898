"""Every address of the staff's side: whom it is for, and one row of everything to open it with."""

import uuid

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Asked
from personas.models import Remit
from voice.models import (
    Agent,
    Alert,
    Allowance,
    Conversation,
    DayFigures,
    Deed,
    Delivery,
    Flag,
    PhoneNumber,
    Session,
    Silence,
    ToolCall,
    Workspace,
)

# E persona editors, A analysts, O operators, S superusers alone, * every member of staff, - nobody. Superusers may do what any
# group may; a visitor may open nothing of this.
# Of a model's own pages: list, add, history, delete, change.
MODELS = {
    "personas_persona": "EO E EO E EO",
    "personas_remit": "S S S S S",
    "knowledge_document": "E E E E E",
    "knowledge_flag": "E - E - E",
    "knowledge_gap": "E - E E E",
    "knowledge_goldenquestion": "E E E E E",
    "voice_agent": "O - O - O",
    "voice_alert": "O - O S O",
    "voice_allowance": "O O O O O",
    "voice_conversation": "A - A S A",
    "voice_deed": "S - S - S",
    "voice_delivery": "O - O S O",
    "voice_flag": "O O O O O",
    "voice_phonenumber": "O - O O O",
    "voice_silence": "O O O O O",
    "voice_toolcall": "A - A S A",
    "voice_workspace": "O - O - O",
    "auth_group": "O S O S O",
    "auth_user": "O S O S O",
}
PAGES = {
    "admin:index": "*",
    "admin:password_change": "*",
    "admin:password_change_done": "*",
    "admin:jsi18n": "*",
    "admin:view_on_site": "*",
    "admin:autocomplete": "O",
    "admin:app_list": "EO",
    "admin:auth_user_password_change": "S",
    "admin:knowledge_add_documents": "E",
    "admin:knowledge_document_file": "E",
    "admin:knowledge_document_progress": "E",
    "admin:knowledge_document_report": "E",
    "admin:knowledge_document_retry": "E",
    "admin:knowledge_duplicate_persona": "E",
    "admin:knowledge_export_persona": "E",
    "admin:knowledge_flag_decide": "E",
    "admin:knowledge_gap_ask": "E",
    "admin:knowledge_gap_dismiss": "E",
    "admin:knowledge_gap_fill": "E",
    "admin:knowledge_gap_reopen": "E",
    "admin:knowledge_golden": "E",
    "admin:knowledge_golden_accept": "E",
    "admin:knowledge_golden_export": "E",
    "admin:knowledge_golden_import": "E",
    "admin:knowledge_golden_run": "E",
    "admin:knowledge_golden_run_now": "E",
    "admin:knowledge_import_persona": "E",
    "admin:knowledge_try_question": "E",
    "admin:personas_persona_restore": "E",
    "admin:voice_agent_adopt": "S",
    "admin:voice_agent_check": "O",
    "admin:voice_agent_left_over": "O",
    "admin:voice_agent_overwrite": "O",
    "admin:voice_alert_switch_on": "O",
    "admin:voice_conversation_recording": "A",
    "admin:voice_deed_csv": "S",
    "admin:voice_flag_go_on": "O",
    "admin:voice_flag_kill": "O",
    "admin:voice_flag_kill_all": "O",
    "admin:voice_flag_revive": "O",
    "admin:voice_workspace_look": "O",
    "voice:figures": "A",
    "voice:inspect": "EO",
    "voice:schema": "O",
    "voice:second_factor": "*",
    "voice:second_factor_code": "*",
    "voice:second_factor_people": "S",
    "voice:test_voice": "EO",
    "voice:usage": "O",
    "voice:view_on_site": "*",
}
# Doors that everybody may knock at; whose thread, session or draft it is stands in their own tests.
PUBLIC = [
    "persona_list",
    "chat",
    "thread",
    "avatar",
    "turns",
    "say",
    "new",
    "transcript_markdown",
    "transcript_text",
    "transcript_pdf",
    "rate",
    "judge",
    "start_session",
    "attempt",
    "wait",
    "leave",
    "heard",
    "end_session",
    "document",
    "document_file",
    "history",
    "delete_thread",
    "choose_language",
    "icon",
    "icon_png",
    "manifest",
    "healthz",
    "readyz",
    "metrics",
    "function_call",
    "conversation_start",
    "post_call",
]
POSTED = {
    "admin:knowledge_document_retry", "admin:knowledge_flag_decide", "admin:knowledge_gap_ask", "admin:knowledge_gap_dismiss",
    "admin:knowledge_gap_reopen", "admin:knowledge_golden_accept", "admin:knowledge_golden_run_now", "admin:voice_agent_adopt",
    "admin:voice_agent_check", "admin:voice_agent_overwrite", "admin:voice_alert_switch_on", "admin:voice_flag_go_on",
    "admin:voice_flag_kill", "admin:voice_flag_kill_all", "admin:voice_flag_revive", "admin:voice_workspace_look", "voice:inspect",
}  # fmt: skip
GROUPS = {"E": "Persona editors", "A": "Analysts", "O": "Operators"}


def table():
    """{name of an address: who may open it, in letters}"""
    verbs = ("changelist", "add", "history", "delete", "change")
    own = {
        f"admin:{model}_{verb}": who
        for model, line in MODELS.items()
        for verb, who in zip(verbs, line.split(), strict=True)
    }
    return (
        own
        | PAGES
        | {f"voice:{name}": "public" for name in PUBLIC}
        | dict.fromkeys(("admin:login", "admin:logout"), "public")
    )


def patterns(resolver, spaces=""):
    """(name, pattern) of every address that has a name; Django's own for old links and wrong ones have none."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern, spaces + (f"{pattern.namespace}:" if pattern.namespace else ""))
        elif pattern.name:
            yield spaces + pattern.name, pattern


def make_rows(persona, word):
    """One row of everything, by the model's name as it stands in the table; ``word`` stands in every text of theirs."""
    thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4(), rating=2, comment=f"{word}!")
    thread.turns.create(speaker="visitor", text=f"Where is the {word}?")
    session = Session.objects.create(conversation=thread, elevenlabs_conversation_id=f"conv_{word}")
    session.recording.save("call.mp3", ContentFile(b"sound"))
    Agent.objects.filter(persona=persona).update(elevenlabs_agent_id=f"agent_{word}", state="in_step")
    kept = {"title": f"Timetable of the {word}", "kind": "txt", "status": "failed"}
    document = persona.documents.create(file=ContentFile(b"Nine.", name="t.txt"), **kept)
    persona.documents.create(title=f"Prices of the {word}", kind="txt", status="ready", read_at=timezone.now())
    DayFigures.objects.create(day=timezone.now().date(), persona=persona, figures=_figures(word))
    DayFigures.objects.update_or_create(day=timezone.now().date(), persona=None, defaults={"figures": _figures(word)})
    return {
        "personas_persona": persona,
        "personas_remit": Remit.objects.get_or_create(user=User.objects.create_user(f"minder-{len(word)}"))[0],
        "knowledge_document": document,
        "knowledge_flag": persona.flags.create(document=document, kind="hidden", quote=word, reason="x", score=1),
        "knowledge_gap": _gap(persona, word),
        "knowledge_goldenquestion": persona.golden_questions.create(question=f"When does the {word} leave?"),
        "run": persona.golden_runs.create(version=1, question_set="x", cause="demand"),
        "voice_agent": persona.agent,
        "voice_alert": Alert.objects.get_or_create(kind=Alert.Kind.WEBHOOK, words="No reports.")[0],
        "voice_allowance": Allowance.objects.create(of="persona", per="day", minutes=5, persona=persona),
        "voice_conversation": thread,
        "voice_conversation_recording": session,
        "voice_deed": Deed.objects.create(by="person", name=word, what=Deed.What.VOICE_OFF),
        "voice_delivery": Delivery.objects.create(
            kind="post_call_transcription", subject=f"conv_{word}", body="{}", attempts=1
        ),
        "voice_flag": Flag.objects.create(persona=persona),
        "voice_phonenumber": PhoneNumber.objects.create(
            elevenlabs_number_id=word, number=f"+1555{len(word)}", label=word, state="gone", persona=persona
        ),
        "voice_silence": Silence.objects.get_or_create(why="Work", defaults={"ends_at": timezone.now()})[0],
        "voice_toolcall": ToolCall.objects.create(
            session=session, persona=persona, question=word, function="query_persona_knowledge", outcome="answered"
        ),
        "voice_workspace": Workspace.objects.get_or_create()[0],
        "auth_group": Group.objects.get(name="Analysts"),
        "auth_user": User.objects.create_user(f"user-{len(word)}"),
    }


def _gap(persona, word):
    gap = persona.gaps.create(question=f"Where do {word}s sit?", key=word)
    Asked.objects.create(persona=persona, channel="typed", question=gap.question, found=False, gap=gap)
    return gap


def _figures(word):
    return {"counts": {"conversations": 7, "asked": 7}, "spreads": {}, "lists": {"questions": {f"Why {word}?": 7}}}


def row_of(name, rows):
    """The row an address is about: of the model its name begins with, else the persona."""
    own = name.partition(":")[2]
    return next((row for model, row in reversed(rows.items()) if own.startswith(model)), rows["personas_persona"])


def address(name, pattern, rows):
    row = row_of(name, rows)
    given = {
        "object_id": row.pk, "pk": row.pk, "id": row.pk, "slug": rows["personas_persona"].slug, "run_id": rows["run"].pk,
        "version": rows["personas_persona"].history.first().history_id, "app_label": "personas",
        "content_type_id": ContentType.objects.get_for_model(rows["personas_persona"]).pk,
    }  # fmt: skip
    wanted = [*pattern.pattern.converters] or [*pattern.pattern.regex.groupindex]
    query = "?app_label=voice&model_name=allowance&field_name=user" if name == "admin:autocomplete" else ""
    return reverse(name, kwargs={one: given[one] for one in wanted}) + query
