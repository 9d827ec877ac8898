"""What staff hand in: documents, a question to try, golden questions as a table, the reason for an exception."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import fetching
from knowledge.formats.kinds import ENDINGS
from knowledge.models import Address
from personas.models import Persona


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """A list of files, each of which is checked by itself."""

    widget = ManyFilesInput(attrs={"accept": ",".join(filter(None, ENDINGS))})

    def clean(self, data, initial=None):
        given = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(one, initial) for one in given if one]


class DocumentsForm(forms.Form):
    """Files, a text, or both."""

    persona = forms.ModelChoiceField(Persona.objects.all(), help_text=_("Who is to know it."))
    files = ManyFilesField(
        required=False,
        help_text=_(
            "As many as you like: PDF, Word (.docx), HTML, EPUB, Markdown, plain text, or a table (CSV, Excel) "
            "of questions and answers or of anything else. A file of the same name replaces the "
            "earlier one; until the new one is read, the earlier one answers."
        ),
        allow_empty_file=True,
    )
    address = forms.CharField(
        max_length=2000,
        required=False,
        label=_("Or a web address"),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_(
            "A page or a file that anybody can open; only this one page is read. It is fetched in the background."
        ),
    )
    every = forms.ChoiceField(
        choices=Address.Every,
        required=False,
        label=_("Fetch it again"),
        help_text=_("How often to look for changes. What was read before answers until the new version was read."),
    )
    title = forms.CharField(
        max_length=200,
        required=False,
        help_text=_(
            "As it stands on citations. For a single file, address or text; empty: the document's own title, else its name."
        ),
    )
    text = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        label=_("Or paste a text"),
        help_text=_("Without a file: frequently asked questions, a note, anything."),
    )

    def __init__(self, *args, persona=None, among=None, **kwargs):
        super().__init__(*args, **kwargs)
        if persona is not None:
            del self.fields["persona"]
        elif among is not None:
            self.fields["persona"].queryset = among

    def clean_address(self):
        given = self.cleaned_data["address"].strip()
        if given and "://" not in given:
            given = f"https://{given}"
        try:
            return given and fetching.check(given)
        except fetching.NotFetched as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_every(self):
        return self.cleaned_data["every"] or Address.Every.NEVER

    def clean(self):
        given = super().clean()
        parts = len(given.get("files") or []) + bool(given.get("text", "").strip()) + bool(given.get("address"))
        if not parts and not self.errors:
            raise forms.ValidationError(gettext("Choose at least one file, give a web address, or paste a text."))
        if given.get("title") and parts > 1:
            self.add_error("title", gettext("A title fits one document. Leave it out to give several at once."))
        return given


class QuestionForm(forms.Form):
    question = forms.CharField(max_length=1000, help_text=_("As a visitor would put it."))
    earlier = forms.CharField(
        max_length=3000,
        required=False,
        label=_("Asked before it"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Only for a question that follows on others, as “And on Sundays?” does: one question a line, the first one "
            "first."
        ),
    )

    def clean_earlier(self):
        return [line.strip() for line in self.cleaned_data["earlier"].splitlines() if line.strip()]


class SheetForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        allow_empty_file=True,
        help_text=_(
            "The first line names the columns: question, document, answers, expects_nothing, earlier; only question "
            "is needed. Several answers, or earlier questions, stand in one cell with | between them."
        ),
    )
    replace = forms.BooleanField(
        required=False,
        label=_("Remove the questions that are not in the file"),
        help_text=_("Otherwise they stay: questions that are there already are changed, all others added."),
    )


class AcceptForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=_("Why it may be worse"),
        help_text=_("Stands in the history beside your name."),
    )


class DismissForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=_("Why it needs no answer"),
        help_text=_("For example: not our subject. It stays aside when it is asked again."),
    )


class FillForm(forms.Form):
    """An answer that is missing, as a document of its own."""

    title = forms.CharField(max_length=200, help_text=_("As it stands on citations."))
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("The question stands on top; write the answer under it, in sentences that can be said aloud."),
    )

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        if text == str(self.initial.get("text", "")).strip():
            raise forms.ValidationError(gettext("Only the question stands there. Write the answer under it."))
        return text


class ArchiveForm(forms.Form):
    """A persona archive, and the address it is to have here."""

    file = forms.FileField(
        label=_("Persona archive"),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        help_text=_("The .zip that “Export” gave. It comes in as a draft, and its documents are read anew."),
    )
    slug = forms.SlugField(
        max_length=Persona._meta.get_field("slug").max_length,
        required=False,
        label=_("Address"),
        help_text=_("The last part of its chat page's address. Empty: the one it had, or a free one like it."),
    )
