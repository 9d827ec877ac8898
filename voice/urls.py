"""The addresses people and ElevenLabs use."""

from csp.decorators import csp_exempt
from django.urls import path
from django.views.i18n import set_language

from voice import health, views, webhooks

app_name = "voice"
# Theirs, first, since somebody waits on the line; without a slash at the end, since a redirected POST would lose its
# body; without a policy for pages, which JSON does not need.
function_call = csp_exempt()(webhooks.FunctionCall.as_view())
conversation_start = csp_exempt()(webhooks.ConversationStart.as_view())
post_call = csp_exempt()(webhooks.PostCall.as_view())
urlpatterns = [
    path("elevenlabs/function-call", function_call, name="function_call"),
    path("elevenlabs/conversation-start", conversation_start, name="conversation_start"),
    path("elevenlabs/post-call", post_call, name="post_call"),
    path("", views.persona_list, name="persona_list"),
    path("chat/<slug:slug>/", views.chat, name="chat"),
    path("chat/<slug:slug>/<uuid:thread>/", views.chat, name="thread"),
    path("chat/<slug:slug>/avatar/", views.avatar, name="avatar"),
    path("chat/<slug:slug>/turns/", views.turns, name="turns"),
    path("chat/<slug:slug>/say/", views.say, name="say"),
    path("chat/<slug:slug>/new/", views.new, name="new"),
    path("chat/<slug:slug>/transcript.md", views.transcript, {"ending": "md"}, name="transcript_markdown"),
    path("chat/<slug:slug>/transcript.txt", views.transcript, {"ending": "txt"}, name="transcript_text"),
    path("chat/<slug:slug>/transcript.pdf", views.transcript_pdf, name="transcript_pdf"),
    path("chat/<slug:slug>/rate/", views.rate, name="rate"),
    path("chat/<slug:slug>/judge/", views.judge, name="judge"),
    path("chat/<slug:slug>/voice/start/", views.start_session, name="start_session"),
    path("chat/<slug:slug>/voice/attempt/", views.attempt, name="attempt"),
    path("chat/<slug:slug>/voice/wait/", views.wait, name="wait"),
    path("chat/<slug:slug>/voice/leave/", views.leave, name="leave"),
    path("chat/<slug:slug>/voice/heard/", views.heard, name="heard"),
    path("chat/<slug:slug>/voice/end/", views.end_session, name="end_session"),
    path("chat/<slug:slug>/documents/<uuid:document_id>/", views.document, name="document"),
    path("chat/<slug:slug>/documents/<uuid:document_id>/file/", views.document_file, name="document_file"),
    path("staff/voice/", views.figures, name="figures"),
    path("admin/r/<path:content_type_id>/<path:object_id>/", views.view_on_site, name="view_on_site"),
    path("admin/second-factor/", views.second_factor, name="second_factor"),
    path("admin/second-factor/code/", views.code, name="second_factor_code"),
    path("admin/second-factor/people/", views.people_with_factor, name="second_factor_people"),
    path("staff/voice/usage/", views.usage, name="usage"),
    path("conversations/", views.history, name="history"),
    path("conversations/<uuid:thread>/delete/", views.delete_thread, name="delete_thread"),
    path("language/", set_language, name="choose_language"),
    path("test-voice/", views.test_voice, name="test_voice"),
    path("test-voice/<slug:slug>/", views.inspect, name="inspect"),
    path("favicon.ico", views.icon, name="icon"),
    path("icon-<int:size>.png", views.icon_png, name="icon_png"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/schema/", views.schema, name="schema"),
]
