"""Agents at ElevenLabs: how each is in step, what was changed there by hand, what belongs to no persona."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.template.defaultfilters import truncatechars
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from personas import remits
from personas.admin import Narrowed, badge
from voice import gateway, tasks
from voice.admin import planning
from voice.admin.records import ReadOnly
from voice.agents import drift, orphans
from voice.claims import Busy
from voice.models import Agent

BADGES = {
    Agent.State.IN_STEP: "good",
    Agent.State.WAITING: "busy",
    Agent.State.NEVER: "quiet",
    Agent.State.OUT_OF_STEP: "busy",
    Agent.State.REFUSED: "bad",
    Agent.State.GONE: "bad",
}


def state_badge(agent):
    """The state of an agent's row in a coloured word; None: never synced."""
    state = Agent.State(agent.state) if agent else Agent.State.NEVER
    return badge(BADGES[state], state.label)


def moment(at):
    """When, as staff read it."""
    return date_format(localtime(at), "j M Y, H:i") if at else "never"


def drift_context(agent, request):
    """What a page needs to show an agent's drift, with the two ways out where somebody may take them."""
    if agent is None or agent.persona is None:
        return {}
    return {
        "agent": agent,
        "verdicts": drift.verdicts(agent),
        "shown": drift.mark(agent),
        "is_open": drift.is_open(agent),
        "may_settle": request.user.has_perm("voice.change_agent"),
        "may_adopt": _may_adopt(request),
    }


def _may_adopt(request):
    """What is adopted becomes the persona's."""
    return request.user.has_perms(["voice.change_agent", "personas.change_persona"])


def _may_look(request):
    """What is left over belongs to no persona, and bears the name of one that was."""
    return not remits.is_limited(request.user)


@admin.register(Agent)
class AgentAdmin(Narrowed, ReadOnly):
    """Each persona's one agent, as ElevenLabs last heard of it and as it stands there."""

    list_display = ["name", "state_badge", "synced", "checked", "trouble"]
    list_display_links = ["name"]
    list_filter = ["state", "checked_at"]
    search_fields = ["persona__name", "persona__slug", "elevenlabs_agent_id", "problem"]
    list_select_related = ["persona"]
    ordering = ["persona__name", "pk"]
    actions = ["sync", "look"]
    fields = ["name", "state_badge", "trouble", "synced", "checked", "agent_id", "its_tool"]
    readonly_fields = fields
    change_list_template = "admin/voice/agent_change_list.html"
    change_form_template = "admin/voice/agent_change_form.html"

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/agents.css"]}

    def has_delete_permission(self, request, obj=None):
        """A row goes with its persona, once the other side has let go too."""
        return False

    def has_settle_permission(self, request):
        return request.user.has_perm("voice.change_agent")

    def get_queryset(self, request):
        return super().get_queryset(request).defer("baseline")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("left-over/", wrap(self.left_over_view), name="voice_agent_left_over"),
            path("<int:pk>/check/", wrap(self.check_view), name="voice_agent_check"),
            path("<int:pk>/adopt/", wrap(self.adopt_view), name="voice_agent_adopt"),
            path("<int:pk>/overwrite/", wrap(self.overwrite_view), name="voice_agent_overwrite"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(
            request, {**(extra_context or {}), "left_over": orphans.known(), "may_look": _may_look(request)}
        )

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        return super().render_change_form(request, context | drift_context(obj, request), *args, obj=obj, **kwargs)

    @admin.display(description=_("Persona"), ordering="persona__name")
    def name(self, agent):
        return agent.persona.name if agent.persona else gettext("deleted, its agent goes too")

    @admin.display(description=_("State"), ordering="state")
    def state_badge(self, agent):
        return state_badge(agent)

    @admin.display(description=_("Last in step"), ordering="synced_at")
    def synced(self, agent):
        return moment(agent.synced_at)

    @admin.display(description=_("Last checked"), ordering="checked_at")
    def checked(self, agent):
        return moment(agent.checked_at)

    @admin.display(description=_("Agent id"))
    def agent_id(self, agent):
        return agent.elevenlabs_agent_id or gettext("none yet")

    @admin.display(description=_("Tool id"))
    def its_tool(self, agent):
        return agent.tool_id or gettext("none yet")

    @admin.display(description=_("What stands in the way"))
    def trouble(self, agent):
        return (
            format_html('<span class="problem">{}</span>', truncatechars(agent.problem, 200)) if agent.problem else "–"
        )

    @admin.action(description=_("Bring the agents in step: show the plan first"), permissions=["settle"])
    def sync(self, request, queryset):
        rows = list(queryset.exclude(persona=None).select_related("persona"))
        return planning.ask(self, request, [row.persona for row in rows], rows)

    @admin.action(description=_("Check now whether they were changed by hand"), permissions=["settle"])
    def look(self, request, queryset):
        rows = list(queryset.exclude(persona=None).select_related("persona"))
        for agent in rows:
            tasks.start(tasks.check_agent, agent.pk)
            self.log_change(request, agent.persona, gettext("Had its agent checked at ElevenLabs."))
        self.message_user(
            request,
            ngettext(
                "{count} agent is being checked. Reload in a few seconds.",
                "{count} agents are being checked. Reload in a few seconds.",
                len(rows),
            ).format(count=len(rows)),
            messages.SUCCESS,
        )

    @method_decorator(require_POST)
    def check_view(self, request, pk):
        """Read it back now."""
        return self._settle(request, pk, self._check)

    @method_decorator(require_POST)
    def adopt_view(self, request, pk):
        """What was changed by hand is taken over, as far as it can be."""
        return self._settle(request, pk, self._adopt)

    @method_decorator(require_POST)
    def overwrite_view(self, request, pk):
        """What was changed by hand is undone."""
        return self._settle(request, pk, self._overwrite)

    def left_over_view(self, request):
        """What carries our mark and belongs to no persona; chosen ones are named once more before they are deleted."""
        if not (self.has_view_permission(request) and _may_look(request)):
            raise PermissionDenied
        may_delete = self.has_settle_permission(request) and request.user.has_perm("voice.delete_agent")
        keys = request.POST.getlist("chosen")
        if request.method == "POST" and not may_delete:
            raise PermissionDenied
        try:
            if keys and "confirmed" in request.POST:
                return self._remove(request, keys)
            found, problem = orphans.find(), ""
        except gateway.GatewayError as fault:
            found, problem = [], str(fault)
        chosen = [one for one in found if one.key in keys]
        context = {"found": chosen or found, "asks": bool(chosen), "problem": problem, "may_delete": may_delete}
        return render(
            request, "admin/voice/left_over.html", self._frame(request, gettext("Belongs to no persona")) | context
        )

    def _remove(self, request, keys):
        gone = orphans.remove(keys)
        for one in gone:
            told = gettext("Deleted at ElevenLabs, since it belonged to no persona: {kind} {name} ({id}).").format(
                kind=one.kind, name=one.name, id=one.id
            )
            self.log_change(request, request.user, told)
        self.message_user(
            request,
            ngettext("{count} deleted at ElevenLabs.", "{count} deleted at ElevenLabs.", len(gone)).format(
                count=len(gone)
            ),
            messages.SUCCESS if gone else messages.INFO,
        )
        return redirect("admin:voice_agent_left_over")

    def _settle(self, request, pk, verb):
        """One verb on one agent, then back to the page it was asked from, whatever came of it in words."""
        rows = Agent.objects.filter(pk=pk).exclude(persona=None).select_related("persona")
        agent = remits.narrow(rows, request.user).first()
        if agent is None:
            raise Http404(gettext("There is no such agent."))
        if not self.has_settle_permission(request):
            raise PermissionDenied
        try:
            level, told = verb(request, agent)
        except Busy:
            level, told = messages.WARNING, gettext("A worker is at this agent now. Try again in a few seconds.")
        except (gateway.GatewayError, drift.Moved, drift.NotAdopted) as refusal:
            level, told = messages.ERROR, str(refusal)
        self.message_user(request, told, level)
        if request.POST.get("back") == "persona":
            return redirect("admin:personas_persona_change", agent.persona_id)
        return redirect("admin:voice_agent_change", agent.pk)

    def _check(self, request, agent):
        drift.check(agent)
        self.log_change(request, agent.persona, gettext("Had its agent checked at ElevenLabs."))
        if agent.state == Agent.State.GONE:
            tasks.start(tasks.sync_agent, agent.pk)
        if agent.problem:
            return messages.WARNING, agent.problem
        return messages.SUCCESS, gettext("Checked: it stands there as we left it.")

    def _adopt(self, request, agent):
        if not _may_adopt(request):
            raise PermissionDenied
        judged = drift.adopt(agent, request.POST.get("shown", ""))
        taken = [one.difference.word for one in judged if not one.stays]
        left = [one.difference.word for one in judged if one.stays]
        told = (
            gettext("Adopted: {fields}.").format(fields=", ".join(taken))
            if taken
            else gettext("Nothing of it can be adopted.")
        )
        told += gettext(" Stays as it is: {list}.").format(list=", ".join(left)) if left else ""
        self.log_change(
            request, agent.persona, gettext("Adopted what was changed by hand at ElevenLabs. {told}").format(told=told)
        )
        return messages.WARNING if left else messages.SUCCESS, told

    def _overwrite(self, request, agent):
        drift.overwrite(agent, request.POST.get("shown", ""))
        tasks.start(tasks.sync_agent, agent.pk)
        self.log_change(
            request,
            agent.persona,
            gettext("Had overwritten what was changed by hand. {problem}").format(problem=agent.problem),
        )
        return messages.SUCCESS, gettext("It is being put back. Reload in a few seconds.")

    def _frame(self, request, title):
        return {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, "title": title}
