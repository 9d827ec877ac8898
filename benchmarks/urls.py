"""The project's addresses, and the bare ones."""

from django.urls import include, path

from benchmarks import bare

urlpatterns = [*bare.urlpatterns, path("", include("config.urls"))]
