"""Sounds people make while they think, as speech recognition spells them: how a question came, not what it asks.

Written for this project: sounds, and of the little words that fill a gap only the commonest.
"""

_SOUNDS = {
    "en": "um umm uh uhm er erm hmm",
    "de": "äh ähm öh öhm hm hmm",
    "fr": "euh heu hum ben",
    "es": "eh ehm mmm este",
    "it": "ehm eh mmm",
    "pt": "hum eh ahn",
    "nl": "eh ehm uhm euh",
    "sv": "öh öhm hmm",
    "da": "øh øhm hmm",
    "no": "eh øh hmm",
    "fi": "öö ööö hmm",
    "ro": "ăă îî hmm",
    "pl": "yyy eee hmm",
    "cs": "ehm eee hmm",
    "sk": "ehm eee hmm",
    "hr": "ovaj eee hmm",
    "tr": "ııı eee şey hmm",
    "hu": "ööö izé hmm",
    "ru": "э-э ээ эээ эм м-м ммм",
    "uk": "е-е еее ммм",
    "bg": "ъъъ ъм ммм",
    "el": "εε εεε εμμ",
    "ar": "اممم امم آآ يعني",
    "hi": "अम्म उम्म हम्म",
    "th": "เอ่อ อืม",
    "zh": "嗯 呃 那个",
    "ja": "えーと えっと うーん",
    "ko": "음 어",
    "vi": "ừm ờm",
    "id": "ehm emm hmm",
    "ms": "ehm emm hmm",
    "ta": "ம்ம் உம்",
}  # by language
SOUNDS = {language: tuple(sounds.split()) for language, sounds in _SOUNDS.items()}
