"""What people's pages may send, and the sentence that says what was wrong with it."""

import json
import unicodedata

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from voice.models import Compared
from voice.models.figures import Channel

KINDS = (
    "visitor",
    "persona",
    "correction",
    "interruption",
    "tool",
    "command",
)  # not sets: what is sent may have no hash
CHANNELS = ("typed", "spoken")
MAX_EVENTS = 50
MAX_HEARD = 5000


def clean_text(text):
    """Without control characters, lone surrogates and bidi overrides, which no database or reader should meet."""
    kept = (
        character for character in text if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return "".join(
        character for character in kept if character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ).strip()


def _json(body):
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _row_id(value):
    """An id as a database may have given one, or None."""
    return value if type(value) is int and 0 <= value < 2**63 else None


def _is_duration(value):
    """Milliseconds, of a day at most: a page may sleep."""
    return type(value) is int and 0 <= value <= 86_400_000


class JsonOrForm(forms.Form):
    @classmethod
    def of(cls, request):
        """The form over a JSON body or an ordinary one. Text is cleaned first: Django would refuse a NUL, not drop it."""
        data = request.POST.dict() if request.content_type != "application/json" else _json(request.body)
        return cls({name: clean_text(value) if isinstance(value, str) else value for name, value in data.items()})

    def sentence(self):
        """The first thing that is wrong."""
        return next(iter(self.errors.values()))[0]


class QuestionForm(JsonOrForm):
    """A typed question; ``key`` names it, so that sending it twice asks once."""

    MAX = 1000
    text = forms.CharField(error_messages={"required": _("Write your question first.")}, strip=True, required=True)
    key = forms.RegexField(r"^[A-Za-z0-9-]{1,64}$", required=False)

    def clean_text(self):
        text = self.cleaned_data["text"]
        if len(text) > self.MAX:
            raise forms.ValidationError(
                gettext("That is longer than {max} characters. Ask in fewer words, or in two questions.").format(
                    max=self.MAX
                )
            )
        return text


class RatingForm(JsonOrForm):
    """Stars for a talk, with a comment or without."""

    WANTED = _("Choose one to five stars.")
    rating = forms.IntegerField(
        min_value=1,
        max_value=5,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), WANTED),
    )
    comment = forms.CharField(
        required=False,
        max_length=1000,
        error_messages={"max_length": _("A comment can have 1,000 characters. Say it in fewer words.")},
    )


class WaitForm(JsonOrForm):
    """A page that stands in line, or wants to: its ticket, whether it takes a place, whether it is in the background, and the
    call that ElevenLabs had no line for."""

    ticket = forms.CharField(required=False, max_length=400)
    joins = forms.BooleanField(required=False)
    hidden = forms.BooleanField(required=False)
    refused = forms.CharField(required=False, max_length=255)


class ThumbForm(JsonOrForm):
    """A thumb for one answer: up, down, or taken back (an empty word)."""

    LIKED = {"up": True, "down": False, "": None}
    turn = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    thumb = forms.ChoiceField(choices=[("up", "up"), ("down", "down")], required=False)
    note = forms.CharField(required=False, max_length=300)

    @property
    def liked(self):
        return self.LIKED[self.cleaned_data["thumb"]]


class PeriodForm(forms.Form):
    """Which figures staff look at: two days, both included; one persona or all; one channel or all of visitors'."""

    LONGEST = 366
    EARLIEST = 2000  # the year
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    persona = forms.ModelChoiceField(Persona.objects.order_by("name"), required=False, empty_label=_("all"))
    channel = forms.ChoiceField(choices=[("", _("all of visitors")), *Channel.choices], required=False)

    def clean(self):
        told = super().clean()
        first, last = told.get("first"), told.get("last")
        if any(day and day.year < self.EARLIEST for day in (first, last)):
            raise forms.ValidationError(_("There are no figures of that time. Choose a later day."))
        if first and last and last < first:
            raise forms.ValidationError(_("The first day comes after the last. Swap them."))
        if first and ((last or timezone.now().date()) - first).days >= self.LONGEST:
            raise forms.ValidationError(_("That is more than a year. Choose a shorter time."))
        return told


class UsageForm(PeriodForm):
    """Of which days, and of which persona or all, ElevenLabs' figures are laid beside ours; of which difference the calls are
    listed."""

    channel = None
    reason = forms.ChoiceField(choices=[("", ""), *Compared.Reason.choices], required=False, widget=forms.HiddenInput)


class AttemptForm(JsonOrForm):
    """How starting a call went."""

    MOMENTS = ("allowed", "connected", "sound", "ended")  # a day at most: a page may sleep
    key = forms.UUIDField()
    outcome = forms.RegexField(r"^[a-z][a-z-]{1,39}$")
    detail = forms.CharField(required=False, max_length=40)
    session = forms.CharField(required=False, max_length=255)
    resumed = forms.Field(required=False)
    milliseconds = forms.Field(required=False)
    answers = forms.Field(required=False)

    def clean_answers(self):
        """[[first sound, answer], …] in milliseconds, at most two hundred of a call; what is none is left out."""
        given = self.cleaned_data["answers"]
        pairs = given[:200] if isinstance(given, list) else []
        return [pair for pair in pairs if isinstance(pair, list) and len(pair) == 2 and all(map(_is_duration, pair))]

    def clean_resumed(self):
        return self.cleaned_data["resumed"] is True

    def clean_milliseconds(self):
        given = self.cleaned_data["milliseconds"]
        given = given if isinstance(given, dict) else {}
        return {name: given[name] for name in self.MOMENTS if _is_duration(given.get(name))}


class HeardForm(JsonOrForm):
    """What a page heard in a call, in order."""

    events = forms.Field(required=False)  # JSON by now; a JSONField would read a text as JSON once more, at any depth

    def clean_events(self):
        events = self.cleaned_data["events"] or []
        if not isinstance(events, list) or len(events) > MAX_EVENTS:
            raise forms.ValidationError(f"events: a list of at most {MAX_EVENTS} is expected.")
        return [self._event(event) for event in events]

    def _event(self, event):
        if not isinstance(event, dict) or event.get("kind") not in KINDS:
            raise forms.ValidationError("events: each one needs a known kind.")
        kind, key, text = event["kind"], event.get("key"), event.get("text", "")
        if not isinstance(text, str) or len(text) > MAX_HEARD:
            raise forms.ValidationError(f"events: text of at most {MAX_HEARD} characters is expected.")
        if kind in ("visitor", "persona", "correction", "command") and not (
            isinstance(key, str) and 0 < len(key) <= 40
        ):
            raise forms.ValidationError("events: what was said needs a key of at most 40 characters.")
        if kind in ("visitor", "persona", "command") and not clean_text(text):
            raise forms.ValidationError("events: what was said needs its text.")
        channel = event.get("channel") if event.get("channel") in CHANNELS else "spoken"
        return {
            "kind": kind,
            "key": clean_text(key) if isinstance(key, str) else "",
            "text": clean_text(text),
            "channel": channel,
            "after": _row_id(event.get("after")),
            "repeats": event.get("repeats") is True,
            "done": event.get("done") is True,
        }
