"""Whether the reader sees some personas only, for templates of the admin."""

from django import template

from personas import remits

register = template.Library()


@register.simple_tag(takes_context=True)
def limited_to_personas(context):
    return remits.is_limited(context["request"].user)
