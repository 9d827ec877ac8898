"""Golden questions as CSV: errors name the place, nothing is half done, and no cell is a formula."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import golden_sheet, sheets
from knowledge.models import GoldenQuestion

HEADING = b"question,document,answers,expects_nothing,earlier\n"


@pytest.fixture
def knowing(persona, teach):
    teach(persona, "Ferry", "The ferry sails at nine.")
    return persona


def refusal(persona, data, **options):
    before = list(GoldenQuestion.objects.values())
    with pytest.raises(sheets.BadSheet) as refused:
        golden_sheet.take_in(persona, data, **options)
    assert list(GoldenQuestion.objects.values()) == before
    return str(refused.value)


@pytest.mark.django_db
def test_questions_come_in_with_all_that_is_expected_of_them(knowing):
    data = HEADING + b"When does it sail?,Ferry,at nine|nine,,Is there a ferry?|To the island?\nWill it rain?,,,yes,\n"
    assert golden_sheet.take_in(knowing, data) == (2, 0, 0)
    first, second = GoldenQuestion.objects.all()
    assert (first.document, first.answers) == ("Ferry", ["at nine", "nine"])
    assert first.earlier == ["Is there a ferry?", "To the island?"]
    assert second.expects_nothing


@pytest.mark.django_db
def test_what_was_exported_comes_in_again_without_a_change(knowing):
    golden_sheet.take_in(knowing, HEADING + b'"=1+1, or 2?",Ferry,-5|a\\|b,,\n')
    exported = golden_sheet.write(knowing)
    assert golden_sheet.take_in(knowing, exported.encode()) == (0, 0, 0)
    assert GoldenQuestion.objects.get().answers == ["-5", "a|b"]


@pytest.mark.django_db
def test_no_cell_goes_out_as_a_formula(knowing):
    GoldenQuestion.objects.create(persona=knowing, question="=HYPERLINK(1)", answers=["+1"])
    exported = golden_sheet.write(knowing)
    assert "'=HYPERLINK(1),,'+1" in exported


@pytest.mark.django_db
def test_a_question_that_is_there_is_changed_and_others_stay(knowing):
    golden_sheet.take_in(knowing, HEADING + b"When?,Ferry,nine,,\nWhere?,Ferry,,,\n")
    assert golden_sheet.take_in(knowing, b"question,answers\nWhen?,ten\nWho?,\n") == (1, 1, 0)
    assert list(GoldenQuestion.objects.values_list("question", "answers")) == [
        ("When?", ["ten"]),
        ("Where?", []),
        ("Who?", []),
    ]


@pytest.mark.django_db
def test_with_replace_those_that_are_not_in_the_file_go(knowing):
    golden_sheet.take_in(knowing, HEADING + b"When?,Ferry,nine,,\nWhere?,Ferry,,,\n")
    assert golden_sheet.take_in(knowing, b"question\nWhen?\n", replace=True) == (0, 1, 1)


@pytest.mark.django_db
def test_semicolons_and_a_byte_order_mark_are_understood(knowing):
    assert golden_sheet.take_in(knowing, "\ufeffquestion;document\nWann fährt sie?;Ferry\n".encode()) == (1, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "There is no column “question”"),
        (HEADING, "There is no question in it"),
        (b"frage\nWann?\n", "There is no column “question”"),
        (b"question,colour\nWhen?,red\n", "The column “colour” is not known"),
        (b"question,question\nWhen?,\n", "stands there twice"),
        (HEADING + b"When?,Ferry,,,\nWhere?,Weather,,,\n", "Row 3, column document: There is no document titled “Weather”."),
        (HEADING + b",Ferry,,,\n", "Row 2, column question: This field cannot be blank."),
        (HEADING + b"When?,Ferry,,perhaps,\n", "Row 2, column expects_nothing: “perhaps” is neither yes nor no."),
        (HEADING + b"When?,Ferry,nine,yes,\n", "Row 2: Either no answer is expected"),
        (HEADING + b"When?,,,,\nWhen?,,,,\n", "Row 3, column question: It stands in row 2 already."),
        (HEADING + b"When?,,,,,,more\n", "Row 2 has more cells"),
        (HEADING + b'"When?,,,,\n', "is not CSV"),
        (HEADING + b"Wann f\xe4hrt sie?,,,,\n", "Line 2 is not UTF-8"),
        (HEADING + b"a" * 1001 + b",,,,\n", "Row 2, column question: Ensure this value has at most 1000"),
        (b"x" * (sheets.MOST_BYTES + 1), "larger than 2 MB"),
        (b"question\n" + b"x\n" * (sheets.MOST_ROWS + 1), "more than 5000 rows"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_kept(knowing, data, sentence):
    GoldenQuestion.objects.create(persona=knowing, question="Kept?")
    assert sentence in refusal(knowing, data, replace=True)


@pytest.mark.django_db
def test_everything_that_is_wrong_is_said_at_once_but_not_without_end(knowing):
    said = refusal(knowing, HEADING + b"When?,Weather,,,\n" * 30)
    assert "Row 2, column document" in said
    assert "And 10 more." in said


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool), max_size=5
    )
)
@settings(max_examples=200)
def test_any_texts_come_out_of_one_cell_as_they_went_in(texts):
    assert sheets.split(sheets.join(texts)) == texts


@given(st.text(max_size=60))
def test_no_bytes_bring_it_down(text):
    try:
        sheets.read(text.encode("utf-8", "surrogatepass"), golden_sheet.COLUMNS, ["question"])
    except sheets.BadSheet as refusal:
        assert refusal.problems
