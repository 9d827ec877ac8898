from django import template

from voice import devices

register = template.Library()


@register.simple_tag
def second_factor_is_offered():
    return devices.is_offered()
