"""What staff see of talk: agents and how they are in step, conversations as one timeline, deliveries."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from voice.admin import (
    account,
    agents,
    alerts,
    allowances,
    conversations,
    deeds,
    deliveries,
    personas,
    phones,
    rollout,
    second_factor,
    tool_calls,
)
from voice.entrance import LoginForm

__all__ = [
    "account",
    "agents",
    "alerts",
    "allowances",
    "conversations",
    "deeds",
    "deliveries",
    "personas",
    "phones",
    "rollout",
    "second_factor",
    "tool_calls",
]

admin.site.login_form = LoginForm
admin.site.site_header = _("Clone Advisor")
admin.site.site_title = _("Clone Advisor")
admin.site.index_title = _("Personas, knowledge and conversations")
