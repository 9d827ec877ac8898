"""Text in whatever encoding it was typed in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.formats.blocks import UnreadableDocument
from knowledge.formats.decoding import decode

TEXTS = {
    "ru": "Гавань открыта с апреля по октябрь. Стоянка на ночь стоит двадцать пять евро, собаки едут бесплатно.",
    "uk": "Гавань відкрита з квітня по жовтень. Ніч коштує двадцять п'ять євро. Собаки їдуть безкоштовно.",
    "he": "הנמל פתוח מאפריל עד אוקטובר. לינה עולה עשרים וחמישה אירו ללילה. כלבים נוסעים חינם.",
    "ja": "港は四月から十月まで開いています。一泊の料金は二十五ユーロです。犬は無料で乗船できます。",
    "zh": "港口从四月开放到十月。停泊一晚的费用是二十五欧元。狗可以免费上船。",
    "tw": "港口從四月開放到十月。停泊一晚的費用是二十五歐元。狗可以免費上船。",
    "ko": "항구는 사월부터 시월까지 열려 있습니다. 하룻밤 요금은 이십오 유로입니다. 개는 무료입니다.",
    "de": "Der Hafen ist geöffnet von April bis Oktober. Größere Hunde fahren umsonst über die Brücke.",
    "fr": "Le port est ouvert d'avril à octobre. Une nuit coûte vingt-cinq euros, même à la fenêtre. L'été, les chiens voyagent.",
    "pl": "Port jest otwarty od kwietnia do października. Noc kosztuje dwadzieścia pięć euro, także źrebięta.",
    "cs": "Přístav je otevřen od dubna do října. Noc stojí dvacet pět eur. Psi cestují zdarma.",
    "el": "Το λιμάνι είναι ανοιχτό από τον Απρίλιο έως τον Οκτώβριο. Μια νύχτα κοστίζει είκοσι πέντε ευρώ.",
    "tr": "Liman nisandan ekime kadar açıktır. Bir gece yirmi beş avrodur. Köpekler ücretsiz yolculuk eder.",
    "ar": "الميناء مفتوح من أبريل إلى أكتوبر. تكلفة الليلة خمسة وعشرون يورو. الكلاب تسافر مجانا.",
    "th": "ท่าเรือเปิดตั้งแต่เดือนเมษายนถึงเดือนตุลาคม ค่าจอดคืนละยี่สิบห้ายูโร",
    "vi": "Cảng mở cửa từ tháng tư đến tháng mười. Một đêm giá hai mươi lăm euro.",
    "en": "The harbour is open from April to October, “always”. A night costs 25 euros, that’s all…",
}
ENCODINGS = {
    "ru": ["cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic"], "uk": ["cp1251", "koi8-u"],
    "he": ["iso8859-8", "cp1255"], "ja": ["shift_jis", "euc-jp", "iso2022-jp"], "zh": ["gb18030", "gbk", "hz"],
    "tw": ["big5", "cp950"], "ko": ["euc-kr", "cp949"], "de": ["cp1252", "iso8859-1", "mac-roman", "cp850", "cp437"],
    "fr": ["cp1252", "mac-roman", "cp850"], "pl": ["cp1250", "iso8859-2"], "cs": ["cp1250", "iso8859-2"],
    "el": ["cp1253", "iso8859-7"], "tr": ["cp1254", "iso8859-9"], "ar": ["cp1256", "iso8859-6"],
    "th": ["tis-620"], "en": ["cp1252", "mac-roman"],
}  # fmt: skip


@pytest.mark.parametrize(("language", "encoding"), [(one, name) for one, names in ENCODINGS.items() for name in names])
def test_text_in_an_old_encoding_is_read_as_it_was_typed(language, encoding):
    assert decode(TEXTS[language].encode(encoding)) == TEXTS[language]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig"])
def test_unicode_is_read_with_and_without_a_mark(language, encoding):
    assert decode(TEXTS[language].encode(encoding)) == TEXTS[language]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_in_utf_8_comes_back_as_it_is(text):
    text = text.replace("\ufffd", "").lstrip("\ufeff")
    assert decode(text.encode()) == text


@given(st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_text_or_refused(data):
    try:
        assert isinstance(decode(data), str)
    except UnreadableDocument as refusal:
        assert "binary" in str(refusal)
