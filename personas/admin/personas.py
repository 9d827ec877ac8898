"""Who a persona is: the form, the list, what can be done to several."""

from django import forms
from django.contrib import admin, messages
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from personas import publishing, recording, remits
from personas.admin.columns import badge
from personas.admin.history import HistoryPages
from personas.admin.narrowing import Narrowed
from personas.admin.objections import told
from personas.languages import LANGUAGES
from personas.models import Persona, StarterQuestion


class PersonaForm(forms.ModelForm):
    by = None  # whose form it is; the admin sets it

    extra_languages = forms.MultipleChoiceField(
        choices=LANGUAGES, required=False, help_text=Persona._meta.get_field("extra_languages").help_text
    )

    reason = forms.CharField(
        max_length=recording.LONGEST,
        required=False,
        label=_("Why you change it"),
        help_text=_("Stands in the history beside your name, for whoever wonders later."),
    )

    class Meta:
        model = Persona
        exclude = ()
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "first_message": forms.Textarea(attrs={"rows": 2}),
            "fallback_message": forms.Textarea(attrs={"rows": 2}),
            "spoken_style": forms.Textarea(attrs={"rows": 3}),
            "written_style": forms.Textarea(attrs={"rows": 3}),
            "strictness": forms.RadioSelect,
        }

    def clean_slug(self):
        return self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))

    def clean_status(self):
        """Publishing by this form is publishing: the same reasons keep it back as everywhere."""
        status = self.cleaned_data["status"]
        if status == Persona.Status.PUBLISHED and "status" in self.changed_data:
            found = publishing.objections(self.instance, self.by, self.changed_data)
            if found:
                raise forms.ValidationError(told(found))
        return status


class UsedLanguages(admin.SimpleListFilter):
    """Only the languages that some persona speaks: the whole list is longer than a screen."""

    title = parameter_name = "language"

    def lookups(self, request, model_admin):
        used = set(remits.personas(request.user).values_list("language", flat=True))
        return [(code, name) for code, name in LANGUAGES if code in used]

    def queryset(self, request, queryset):
        return queryset.filter(language=self.value()) if self.value() else queryset


class StarterQuestionInline(admin.TabularInline):
    model = StarterQuestion
    extra = 1
    max_num = 8


@admin.register(Persona)
class PersonaAdmin(Narrowed, HistoryPages, admin.ModelAdmin):
    """Who a persona is. Documents and the agent are added by knowledge.admin and voice.admin."""

    to_persona = "pk"
    form = PersonaForm
    list_display = ["name", "tagline", "status_badge", "language", "updated_at"]
    list_filter = ["status", UsedLanguages]
    search_fields = ["name", "slug", "tagline", "description"]
    ordering = ["name", "pk"]  # counting loses the model's own, and pages need one
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["id", "created_at", "updated_at"]
    inlines = [StarterQuestionInline]
    actions = ["publish", "withdraw"]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["name", "slug", "status", "tagline", "description", "avatar"]}),
        (_("What it says"), {"fields": ["instructions", "strictness", "fallback_message", "first_message"]}),
        (_("How it says it"), {"fields": ["spoken_style", "written_style"]}),
        (_("Language"), {"fields": ["language", "extra_languages"]}),
        (_("Voice"), {"fields": ["voice_id", "stability", "similarity_boost", "speed"]}),
        (_("This change"), {"fields": ["reason"]}),
        (_("Record"), {"classes": ["collapse"], "fields": ["id", "created_at", "updated_at"]}),
    ]

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    @admin.display(description=_("Status"), ordering="status")
    def status_badge(self, persona):
        return badge("good" if persona.is_published else "quiet", persona.get_status_display())

    def has_add_permission(self, request):
        """Whoever is limited to some personas would not see a new one."""
        return super().has_add_permission(request) and not remits.is_limited(request.user)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        return form

    def save_model(self, request, obj, form, change):
        with recording.because(form.cleaned_data.get("reason", "")):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        with recording.because(form.cleaned_data.get("reason", "")):
            super().save_related(request, form, formsets, change)

    @admin.action(description=_("Publish: visitors can open the chat page"), permissions=["change"])
    def publish(self, request, queryset):
        published = 0
        for persona in queryset.exclude(status=Persona.Status.PUBLISHED):
            try:
                with recording.because(gettext("Published from the list.")):
                    publishing.publish(persona, request.user)
            except publishing.NotYet as refusal:
                self.message_user(request, format_html("{}: {}", persona, told(refusal.objections)), messages.ERROR)
            else:
                published += 1
                self.log_change(request, persona, gettext("Published from the list."))
        self._say(
            request,
            published,
            ngettext("{count} persona published.", "{count} personas published.", published),
        )

    @admin.action(description=_("Withdraw: back to draft, visible to staff only"), permissions=["change"])
    def withdraw(self, request, queryset):
        """One save per persona, so that whoever listens for a saved persona hears of it."""
        changed = list(queryset.published())
        for persona in changed:
            persona.status = Persona.Status.DRAFT
            with recording.because(gettext("Withdrawn from the list.")):
                persona.save(update_fields=["status", "updated_at"])
            self.log_change(request, persona, gettext("Withdrawn from the list."))
        self._say(
            request,
            len(changed),
            ngettext("{count} persona withdrawn.", "{count} personas withdrawn.", len(changed)),
        )

    def _say(self, request, count, said):
        self.message_user(request, said.format(count=count), messages.SUCCESS if count else messages.INFO)
