import pytest

from knowledge.language.tongues import choose, consider

LANGUAGES = ["en", "de", "es", "fr", "ru", "ar", "hi", "zh", "th"]
TEXTS = [
    ("en", "The swing bridge opens at six for the boats of the fishermen, and it is closed in winter."),
    ("de", "Die Drehbrücke öffnet um sechs für die Boote der Fischer und ist im Winter geschlossen."),
    ("es", "El puente giratorio se abre a las seis para los barcos de los pescadores y cierra en invierno."),
    ("fr", "Le pont tournant ouvre à six heures pour les bateaux des pêcheurs et il est fermé en hiver."),
    ("ru", "Разводной мост открывается в шесть для рыбацких лодок и закрыт зимой."),
    ("ar", "يفتح الجسر المتحرك في السادسة لقوارب الصيادين ويغلق في الشتاء."),
    ("hi", "झूला पुल मछुआरों की नावों के लिए छह बजे खुलता है और सर्दियों में बंद रहता है।"),
    ("zh", "旋转桥六点为渔船开放，冬天关闭。"),
    ("th", "สะพานหมุนเปิดตอนหกโมงให้เรือประมง และปิดในฤดูหนาว"),
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_a_passage_is_known_by_its_language(language, text):
    assert choose(text, LANGUAGES) == language


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "When does the bridge open?"),
        ("de", "Wann öffnet die Brücke?"),
        ("es", "¿Cuándo se abre el puente?"),
        ("ru", "Когда открывается мост?"),
        ("zh", "NFL 旋转桥什么时候开放？"),
    ],
)
def test_a_question_whose_words_tell_is_in_one_language(language, question):
    assert consider(question, LANGUAGES) == (language,)


def test_a_question_that_does_not_tell_may_be_in_every_language_of_its_script():
    assert set(consider("Ferry Lesser Hallow", LANGUAGES)) == {"en", "de", "es", "fr"}


def test_of_languages_that_are_equal_the_persona_s_own_comes_first():
    assert choose("1947", ["de", "en"]) == "de"
    assert consider("1947", ["de", "en"])[0] == "de"


def test_a_persona_of_one_language_reads_everything_in_it():
    assert choose("Die Brücke öffnet um sechs.", ["en"]) == "en"
    assert consider("Wann öffnet die Brücke?", ["en"]) == ("en",)


@pytest.mark.parametrize("text", ["", "…", "ὕδωρ", "🙂", "\u0301"])
def test_a_text_in_none_of_them_has_a_language_all_the_same(text):
    assert choose(text, LANGUAGES) in LANGUAGES
    assert consider(text, LANGUAGES)
