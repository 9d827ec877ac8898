"""What is wrong now, for the admin's first page."""

from django import template

from personas import remits
from voice.models import Alert

register = template.Library()


@register.simple_tag(takes_context=True)
def open_alerts(context):
    """The open alerts, for those who may see them."""
    user = context["request"].user
    if not user.has_perm("voice.view_alert") or remits.is_limited(user):
        return []
    return Alert.objects.open()
