"""What lists in the admin show."""

from django.utils.html import format_html


def badge(kind, text):
    """A coloured word for a list: kind is good, busy, bad or quiet; the word alone carries the meaning too."""
    return format_html('<span class="badge badge-{}">{}</span>', kind, text)
