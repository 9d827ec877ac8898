"""A page's script in one piece, where collectstatic has put it together."""

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

register = template.Library()


@register.simple_tag
def bundle(name):
    """The address of such a file, or nothing: while developing, in tests, and where esbuild was missing."""
    known = {} if settings.DEBUG else getattr(staticfiles_storage, "hashed_files", {})
    return staticfiles_storage.url(name) if name in known else ""
