"""What is wrong now, for the admin's first page."""

from django import template

from voice.models import Alert

register = template.Library()


@register.simple_tag(takes_context=True)
def open_alerts(context):
    """The open alerts, for those who may see them."""
    if not context["request"].user.has_perm("voice.view_alert"):
        return []
    return Alert.objects.open()
