"""Rows of cells to blocks: questions with their answers where it is such a list, else a table like any other."""

import re

from knowledge.formats.blocks import ASKED, ENDS, HEADING, PARAGRAPH, ROW, Block, UnreadableDocument, row, table

# What the two columns are called in the languages personas speak, in small letters.
_QUESTION = """question questions q frage fragen pregunta preguntas domanda domande pergunta perguntas vraag vragen pytanie pytania
    fråga frågor spørsmål spørgsmål kysymys otázka otázky kérdés întrebare întrebări вопрос вопросы питання въпрос питање
    ερώτηση ερωτήσεις soru sorular سؤال السؤال سوال پرسش שאלה प्रश्न सवाल 问题 問題 質問 问 問 질문 คำถาม pertanyaan"""
_ANSWER = """answer answers a antwort antworten respuesta respuestas réponse réponses reponse risposta risposte resposta respostas
    antwoord antwoorden odpowiedź odpowiedzi svar vastaus odpověď odpoveď válasz răspuns ответ ответы відповідь отговор одговор
    απάντηση απαντήσεις cevap yanıt جواب الجواب إجابة الإجابة پاسخ תשובה उत्तर जवाब 答案 回答 答え 答 답변 답 คำตอบ jawaban"""
QUESTION = frozenset([*_QUESTION.split(), "câu hỏi"])
ANSWER = frozenset([*_ANSWER.split(), "câu trả lời", "trả lời"])
HEADER_WITHIN = 5  # rows: above it may stand a title and a date
MOST_COLUMNS = 200
MOST_CELLS = 1_000_000
NOT_A_LETTER = re.compile(r"[\W\d_]+")


def blocks(rows, level=1):
    """Blocks of rows of cells (texts). A row of question and answer is a section: its question the heading, so that it is
    matched by it, its answer the text, so that only this is quoted. Raises UnreadableDocument for a table too wide."""
    rows = [cells for cells in (_cells(cells) for cells in _bounded(rows)) if any(cells)]
    place = _find_header(rows)
    if place is not None:
        at, question, answer = place
        return [*_lone(rows[:at]), *_asked(rows[at + 1 :], question, answer, rows[at], level)]
    if _are_questions(rows):
        return list(_asked(rows, 0, 1, (), level))
    first = next((number for number, cells in enumerate(rows) if sum(map(bool, cells)) > 1), 0)
    return [*_lone(rows[:first]), *table(rows[first:])]


def _bounded(rows):
    left = MOST_CELLS
    for cells in rows:
        if len(cells) > MOST_COLUMNS and any(cell.strip() for cell in cells[MOST_COLUMNS:]):
            raise UnreadableDocument(
                "A row of this table has {count:,} columns; at most {most} can be read. "
                "Keep the columns that people ask about, and upload it again.",
                count=len(cells),
                most=MOST_COLUMNS,
            )
        left -= len(cells)
        if left < 0:
            raise UnreadableDocument(
                "There are more cells in it than one document may hold. Split it into several files."
            )
        yield cells[:MOST_COLUMNS]


def _cells(cells):
    return [cell.strip() for cell in cells]


def _find_header(rows):
    """(row, question's column, answer's column) of the header, or None."""
    for at, cells in enumerate(rows[:HEADER_WITHIN]):
        question, answer = _column(cells, QUESTION), _column(cells, ANSWER)
        if question is not None and answer is not None:
            return at, question, answer
    return None


def _column(cells, names):
    for place, cell in enumerate(cells):
        name = NOT_A_LETTER.sub(" ", cell.casefold()).strip()
        if name in names or name.partition(" ")[0] in names and len(name) <= 30:
            return place
    return None


def _are_questions(rows):
    """Two columns, and most of what stands in the first is asked."""
    pairs = [cells for cells in rows if len(cells) > 1 and cells[0] and cells[1]]
    if not pairs or any(any(cells[2:]) for cells in rows):
        return False
    return 2 * sum(cells[0].endswith(ASKED) for cells in pairs) > len(rows)


def _lone(rows):
    """What stands above a table: its title, a remark."""
    return [Block(PARAGRAPH, " ".join(filter(None, cells))) for cells in rows]


def _asked(rows, question, answer, header, level):
    """Sections; a row without a question goes on with the answer above it, one without an answer says nothing."""
    for cells in rows:
        cells = cells + [""] * (max(question, answer) + 1 - len(cells))
        if cells[question] and not cells[answer]:
            continue
        if cells[question]:
            yield Block(HEADING, " ".join(cells[question].split()), level)
        yield Block(PARAGRAPH, cells[answer])
        rest = ["" if place in (question, answer) else cell for place, cell in enumerate(cells)]
        if any(rest):
            named = row(rest, header)
            yield Block(ROW, named if named.endswith(ENDS) else f"{named}.")
