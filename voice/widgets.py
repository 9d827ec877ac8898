"""A select of the account's voices, each with its sample to play."""

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _


class VoiceSelect(forms.Select):
    """``voices`` are gateway.Voice rows; ``current`` is kept as a choice even when the account has lost it."""

    def __init__(self, voices, current=""):
        self.voices = voices
        choices = [("", _("The account's default voice")), *((voice.voice_id, self._label(voice)) for voice in voices)]
        if current and current not in {voice.voice_id for voice in voices}:
            choices.append((current, _("{current} (not in this account)").format(current=current)))
        super().__init__(choices=choices)

    def render(self, name, value, attrs=None, renderer=None):
        samples = format_html_join(
            "", '<li>{} <audio controls preload="none" src="{}"></audio></li>',
            ((voice.name, voice.preview_url) for voice in self.voices if voice.preview_url),
        )  # fmt: skip
        select = super().render(name, value, attrs, renderer)
        listed = format_html("<details><summary>Listen to the voices</summary><ul>{}</ul></details>", samples)
        return mark_safe(select + listed) if samples else select  # noqa: S308  (both parts are escaped above)

    def _label(self, voice):
        return f"{voice.name}: {voice.description[:60]}" if voice.description else voice.name
