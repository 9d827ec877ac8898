"""The account's phone numbers: which persona answers each, and how far ElevenLabs knows."""

from functools import partial

from django.contrib import admin, messages
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.admin import Narrowed, badge
from voice import phones, tasks
from voice.models import PhoneNumber

State = PhoneNumber.State
BADGES = {
    State.NONE: "quiet",
    State.WAITING: "busy",
    State.IN_STEP: "good",
    State.OUT_OF_STEP: "busy",
    State.REFUSED: "bad",
    State.GONE: "bad",
}


@admin.register(PhoneNumber)
class PhoneNumberAdmin(Narrowed, admin.ModelAdmin):
    """Numbers come from ElevenLabs, where they are bought and imported; here is chosen who answers."""

    list_display = ["number", "label", "persona", "state_badge", "answered_by", "hindrance"]
    list_filter = ["state", "provider", "persona"]
    list_select_related = ["persona"]
    search_fields = ["number", "label"]
    fields = ["number", "label", "provider", "persona", "notice", "state_badge", "answered_by", "hindrance", "in_step"]
    readonly_fields = ["number", "label", "provider", "state_badge", "answered_by", "hindrance", "in_step"]
    actions = ["assign_again"]

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        """Only of what is gone: any other would be back with the next look."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.state == State.GONE)

    def get_actions(self, request):
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def changelist_view(self, request, extra_context=None):
        """The list as ElevenLabs has it now, or as it was last known."""
        if problem := phones.look():
            messages.warning(
                request, gettext("This is the list as it was last known. {problem}").format(problem=problem)
            )
        elif not PhoneNumber.objects.exists():
            messages.info(
                request,
                gettext("Your ElevenLabs account has no number. Import one there first: Agents, Phone numbers."),
            )
        return super().changelist_view(request, extra_context)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """A persona is chosen here; it is made and deleted on its own pages."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        for related in ("add", "change", "delete", "view"):
            setattr(field.widget, f"can_{related}_related", False)
        return field

    def save_model(self, request, number, form, change):
        """Both personas' agents are told, then the number: to be callable is part of an agent's definition."""
        before = PhoneNumber.objects.filter(pk=number.pk).values_list("persona_id", flat=True).first()
        phones.note(number)
        number.save(update_fields=["persona", "notice", "state", "problem"])  # a worker may be writing the others
        self._follow(number, before)
        if number.persona and not number.persona.is_published:
            messages.warning(
                request, gettext("Callers are turned away until {persona} is published.").format(persona=number.persona)
            )

    def _follow(self, number, before=None):
        for agent in phones.note_agents({before, number.persona_id} - {None}):
            transaction.on_commit(partial(tasks.start, tasks.sync_agent, agent.pk))
        transaction.on_commit(partial(tasks.start, tasks.sync_phone_number, number.pk))

    @admin.display(description=_("State"), ordering="state")
    def state_badge(self, number):
        return badge(BADGES[State(number.state)], number.get_state_display())

    @admin.display(description=_("What stands in the way"))
    def hindrance(self, number):
        return number.problem or "nothing"

    @admin.display(description=_("Last in step"))
    def in_step(self, number):
        return date_format(localtime(number.synced_at), "j M Y, H:i") if number.synced_at else "never"

    @admin.action(description=_("Assign the persona's agent again"), permissions=["change"])
    def assign_again(self, request, queryset):
        chosen = queryset.filter(persona__isnull=False)
        for number in chosen:
            phones.note(number)
            number.fingerprint = ""
            number.save(update_fields=["state", "problem", "fingerprint"])
            self.log_change(request, number, gettext("Assigned again."))
            self._follow(number)
        told = gettext("{count} on their way to ElevenLabs. Reload in a few seconds.").format(count=len(chosen))
        self.message_user(request, told if chosen else gettext("Choose a persona for them first."), messages.SUCCESS)
