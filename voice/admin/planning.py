"""The plan of a sync, shown before anything is sent, and carried out as it was shown or not at all.

A plan that went stale between showing and confirming is refused and the new one is shown: what somebody agreed to, field by
field, is what is sent; carrying out the old one would send words that the persona does not have any more.
"""

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voice import agents, tasks
from voice.agents import plans, workspace

MOST = 25  # personas whose agents and tools are read back while somebody waits for the page


def ask(model_admin, request, personas, chosen):
    """The page with the plan for these personas; ``chosen`` are the rows of the list they were chosen from. A confirmed
    plan is carried out, and gives None: back to the list."""
    if len(personas) > MOST:
        text = _(
            "Choose at most {most} at a time. For more there is `manage.py sync_agents`, with --dry-run for the plan."
        ).format(most=MOST)
        return messages.error(request, text)
    plan = plans.make(personas)
    confirmed = request.POST.get("plan")
    if confirmed == plan.mark and plan.changes:
        return _carry_out(model_admin, request, plan, personas)
    if confirmed:
        messages.warning(
            request, _("Something changed since that plan was made, so nothing was sent. This is the plan now.")
        )
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Bring the agents in step"),
        "opts": model_admin.model._meta,
        "media": model_admin.media,
        "plan": plan,
        "chosen": [row.pk for row in chosen],
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST.get("action", "sync"),
    }
    return TemplateResponse(request, "admin/voice/plan.html", context)


def _carry_out(model_admin, request, plan, personas):
    if plan.shares_change:
        workspace.forget()
    sent = plan.persona_ids
    for persona in personas:
        agent = agents.note(persona, again=persona.pk in sent)
        tasks.start(tasks.sync_agent, agent.pk)
        model_admin.log_change(
            request,
            persona,
            _("Had its agent brought in step with ElevenLabs: {told}.").format(told=_told(plan, persona)),
        )
    told = ngettext(
        "{count} agent is on the way to ElevenLabs. Reload in a few seconds.",
        "{count} agents are on the way to ElevenLabs. Reload in a few seconds.",
        len(personas),
    )
    messages.success(request, told.format(count=len(personas)))


def _told(plan, persona):
    """What was sent of it, by the words staff know."""
    words = [one.word for step in plan.changes if step.persona_id == persona.pk for one in step.differences]
    return (
        ", ".join(words[:6]) + (_(" and more") if len(words) > 6 else "") if words else _("nothing of its own differed")
    )
