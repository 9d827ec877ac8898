"""The doors for people: pages, typed questions, and the small talk between a page's script and us."""

from voice.views.calls import attempt, end_session, heard, leave, start_session, wait
from voice.views.contract import schema
from voice.views.figures import figures
from voice.views.history import delete_thread, history
from voice.views.install import icon_png, manifest
from voice.views.pages import (
    avatar,
    chat,
    document,
    document_file,
    icon,
    persona_list,
    transcript,
    transcript_pdf,
    view_on_site,
)
from voice.views.second_factor import code, people_with_factor, second_factor
from voice.views.sorry import failed, forbidden, not_found
from voice.views.threads import judge, new, rate, say, turns
from voice.views.trial import inspect, test_voice
from voice.views.usage import usage

__all__ = [
    "attempt",
    "avatar",
    "chat",
    "code",
    "delete_thread",
    "document",
    "document_file",
    "end_session",
    "failed",
    "figures",
    "forbidden",
    "heard",
    "history",
    "icon",
    "icon_png",
    "inspect",
    "judge",
    "leave",
    "manifest",
    "new",
    "not_found",
    "people_with_factor",
    "persona_list",
    "rate",
    "say",
    "schema",
    "second_factor",
    "start_session",
    "test_voice",
    "transcript",
    "transcript_pdf",
    "turns",
    "usage",
    "view_on_site",
    "wait",
]
