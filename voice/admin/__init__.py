"""What staff see of talk: agents and how they are in step, conversations as one timeline, deliveries."""

from django.contrib import admin

from voice.admin import account, agents, alerts, conversations, deliveries, personas, phones, rollout, tool_calls

__all__ = ["account", "agents", "alerts", "conversations", "deliveries", "personas", "phones", "rollout", "tool_calls"]

admin.site.site_header = "Clone Advisor"
admin.site.site_title = "Clone Advisor"
admin.site.index_title = "Personas, knowledge and conversations"
