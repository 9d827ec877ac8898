"""Why a persona cannot be published yet, as staff read it."""

from django.utils.html import format_html, format_html_join


def told(objections):
    """The sentences, each with the way to where it is put right."""
    return format_html_join(" ", "{}", ((_linked(objection),) for objection in objections))


def _linked(objection):
    if not objection.address:
        return objection.sentence
    return format_html('{} <a href="{}">See what is in the way.</a>', objection.sentence, objection.address)
