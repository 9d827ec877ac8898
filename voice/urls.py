"""The addresses people and ElevenLabs use."""

from django.urls import path

from voice import health, views, webhooks

app_name = "voice"
urlpatterns = [
    path("", views.persona_list, name="persona_list"),
    path("chat/<slug:slug>/", views.chat, name="chat"),
    path("chat/<slug:slug>/avatar/", views.avatar, name="avatar"),
    path("chat/<slug:slug>/say/", views.say, name="say"),
    path("chat/<slug:slug>/new/", views.new, name="new"),
    path("chat/<slug:slug>/voice/start/", views.start_session, name="start_session"),
    path("chat/<slug:slug>/voice/heard/", views.heard, name="heard"),
    path("chat/<slug:slug>/voice/end/", views.end_session, name="end_session"),
    path("chat/<slug:slug>/documents/<uuid:document_id>/", views.document, name="document"),
    path("chat/<slug:slug>/documents/<uuid:document_id>/file/", views.document_file, name="document_file"),
    # Theirs: without a slash at the end, since a redirected POST would lose its body.
    path("elevenlabs/function-call", webhooks.FunctionCall.as_view(), name="function_call"),
    path("elevenlabs/post-call", webhooks.PostCall.as_view(), name="post_call"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
