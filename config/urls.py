"""Which address belongs to which room."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("voice.urls")),
    path("admin/", admin.site.urls),
]
handler403 = "voice.views.forbidden"
handler404 = "voice.views.not_found"
handler500 = "voice.views.failed"
