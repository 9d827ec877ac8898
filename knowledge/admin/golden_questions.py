"""One golden question, edited."""

from django import forms
from django.contrib import admin
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.models import Document, GoldenQuestion
from knowledge.speech import clean_question
from personas import remits
from personas.admin import Narrowed
from personas.models import Persona


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


class GoldenQuestionForm(forms.ModelForm):
    by = None  # whose form it is; the admin sets it

    document = forms.ChoiceField(required=False, help_text=_("The one that must be cited."))
    answers = LinesField(
        required=False,
        help_text=_(
            "One a line. At least one of them must stand in the answer, letter for letter. Empty: any answer will do."
        ),
    )
    earlier = LinesField(
        required=False,
        label=_("Asked before it"),
        help_text=_(
            "Only for a question that follows on others, as “And on Sundays?” does: what the visitor asked before, "
            "one question a line, the first one first."
        ),
    )

    class Meta:
        model = GoldenQuestion
        fields = ["persona", "question", "document", "answers", "expects_nothing", "earlier", "position", "active"]
        widgets = {"question": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "document" in self.fields:
            self.fields["document"].choices = self._documents()

    def clean_question(self):
        return clean_question(self.cleaned_data["question"])

    def clean(self):
        given = super().clean()
        persona, document = given.get("persona") or self.instance.persona_id, given.get("document")
        new = document and persona and document != self.instance.document
        if new and not Document.objects.filter(persona=persona, title=document).exists():
            self.add_error("document", gettext("This document is not one of that persona's. Choose another."))
        return given

    def _documents(self):
        """The persona's titles where the persona is known, else those of every persona that this person may see."""
        given = self.initial.get("persona")
        persona = self.instance.persona_id or (given if _is_uuid(given) else None)
        known = remits.narrow(Document.objects.all(), self.by)
        known = known.filter(persona=persona) if persona else known
        titles = sorted(set(known.values_list("title", flat=True)))
        gone = [self.instance.document] if self.instance.document and self.instance.document not in titles else []
        return [("", gettext("Any document")), *((title, title) for title in titles), *((title, gettext("{title} (not there any more)").format(title=title)) for title in gone)]  # fmt: skip


@admin.register(GoldenQuestion)
class GoldenQuestionAdmin(Narrowed, admin.ModelAdmin):
    """Golden questions of all personas; a persona's own page shows how they stand."""

    form = GoldenQuestionForm
    list_display = ["question", "persona", "document", "expects_nothing", "active"]
    list_filter = ["persona", "active", "expects_nothing"]
    list_select_related = ["persona"]
    search_fields = ["question", "document"]

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/knowledge.css"]}

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        return form

    def get_readonly_fields(self, request, obj=None):
        return ["persona"] if obj else []

    def get_changeform_initial_data(self, request):
        """A new question goes to the end of its persona's list."""
        given = super().get_changeform_initial_data(request)
        persona = (
            remits.personas(request.user).filter(pk=given["persona"]).first()
            if _is_uuid(given.get("persona"))
            else None
        )
        if persona is not None:
            given["position"] = GoldenQuestion.objects.filter(persona=persona).count() + 1
        return given

    def response_post_save_add(self, request, obj):
        return redirect("admin:knowledge_golden", obj.persona_id)

    response_post_save_change = response_post_save_add


def _is_uuid(text):
    try:
        return bool(Persona._meta.pk.to_python(text))
    except forms.ValidationError:
        return False
