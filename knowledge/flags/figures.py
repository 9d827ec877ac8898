"""The values in a sentence: numbers, money, times, lengths, weekdays, months and years, in one form however they are
written ("10.30 h" is "10:30", "one thousand" is "1,000"). English, German and Spanish words; digits in any. Pure."""

import re
from dataclasses import dataclass

from knowledge.language.terms import fold

_SMALL = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen|eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn
    siebzehn achtzehn neunzehn|uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
    dieciseis diecisiete dieciocho diecinueve"""
_TENS = """twenty thirty forty fifty sixty seventy eighty ninety|zwanzig dreissig vierzig funfzig sechzig siebzig achtzig
    neunzig|veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"""
NUMBERS = {word: place for row in _SMALL.split("|") for place, word in enumerate(row.split(), 1)}
NUMBERS |= {word: 10 * place for row in _TENS.split("|") for place, word in enumerate(row.split(), 2)}
HUNDREDS = {"hundred": 100, "hundert": 100, "cien": 100, "ciento": 100, "thousand": 1000, "tausend": 1000, "mil": 1000}
_DAYS = """monday tuesday wednesday thursday friday saturday sunday|montag dienstag mittwoch donnerstag freitag samstag
    sonntag|lunes martes miercoles jueves viernes sabado domingo"""
DAYS = {word: place for row in _DAYS.split("|") for place, word in enumerate(row.split())}
_MONTHS = """january february march april may june july august september october november december|januar februar marz
    april mai juni juli august september oktober november dezember|enero febrero marzo abril mayo junio julio agosto
    septiembre octubre noviembre diciembre"""
MONTHS = {word: place for row in _MONTHS.split("|") for place, word in enumerate(row.split(), 1)} | {"sonnabend": 5}
UNITS = {
    "money": (1, "€ eur euro euros $ dollar dollars usd £ pound pounds pfund chf franken libras dolares"),
    "cents": (0.01, "cent cents centimos ct pence"),
    "percent": (1, "% percent prozent"),
    "metres": (1, "m metre metres meter metern meters metro metros"),
    "centimetres": (0.01, "cm centimetre centimetres centimeter zentimeter centimetros"),
    "kilometres": (1000, "km kilometre kilometres kilometer kilometros"),
    "minutes": (1, "min minute minutes minuten minuto minutos"),
    "hours": (60, "hour hours stunde stunden hora horas hrs"),
    "days": (1440, "day days tag tage tagen dia dias"),
    "weeks": (10080, "week weeks woche wochen semana semanas"),
    "years": (1, "year years jahr jahre jahren ano anos"),
    "kilograms": (1, "kg kilo kilos kilogram kilograms kilogramm kilogramos"),
    "litres": (1, "l litre litres liter litern litro litros"),
    "degrees": (1, "° °c degree degrees grad grados"),
    "bar": (1, "bar bares"),
}
SAME = {"cents": "money", "centimetres": "metres", "kilometres": "metres", "hours": "minutes", "days": "minutes", "weeks": "minutes"}  # fmt: skip
UNIT_OF = {word: (SAME.get(kind, kind), factor) for kind, (factor, words) in UNITS.items() for word in words.split()}
# Behind these a number is a name: "berth 12" is another berth than "berth 14", not another number of berths.
_NAMING = """room berth pier gate bus line platform chapter section page step floor table model version no number nr part
    class level phase stage lane route area zone hall building track row group team paragraph article appendix figure
    raum zimmer liegeplatz steg tor linie gleis kapitel abschnitt seite schritt stock tisch modell teil klasse stufe halle gebaude
    bahn reihe gruppe absatz artikel anhang sala habitacion amarre muelle puerta linea anden capitulo seccion pagina
    paso piso mesa modelo parte clase nivel fase pista ruta zona edificio fila grupo equipo articulo anexo"""
NAMING = frozenset(_NAMING.split())
FREE = re.compile(r"\b(?:free of charge|for free|is free|are free|free|kostenlos|kostenfrei|gratis|gratuit[oa]s?)\b")

TIME = re.compile(
    r"\b([01]?\d|2[0-4])[:.h]([0-5]\d)(?:\s?(a\.?m\.?|p\.?m\.?))?(?:\s?(?:h|uhr|hrs|horas|o'clock)\b)?(?!\d)"
)
CLOCK = re.compile(r"\b(1[0-2]|\d)\s?(a\.?m\b\.?|p\.?m\b\.?)|\b([01]?\d|2[0-4])\s?(?:uhr|o'clock)\b")
DATE = re.compile(r"\b([0-3]?\d)[./-]([01]?\d)[./-]((?:19|20)\d\d)\b|\b((?:19|20)\d\d)-([01]\d)-([0-3]\d)\b")
YEAR = re.compile(r"\b(?:19|20)\d\d\b(?![.,:]\d)")
DIGITS = re.compile(r"\d+(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?")
WORD = re.compile(r"[€$£%°]c?|[^\W\d_]+(?:'[a-z]+)?")
TOKEN = re.compile(f"{DIGITS.pattern}|{WORD.pattern}")


@dataclass(frozen=True, slots=True)
class Value:
    kind: str
    amount: float | tuple
    start: int  # in the folded sentence
    end: int

    @property
    def key(self):
        return self.kind, self.amount


def find(plain):
    """The Values of a folded sentence in order, and what of it is a name rather than a value: ([Value], {name})."""
    found, names, taken = [], set(), []
    for read, pattern in ((_date, DATE), (_time, TIME), (_clock, CLOCK)):
        for match in pattern.finditer(plain):
            if _is_free(match.span(), taken) and not _is_measured(plain, match):
                taken.append(match.span())
                found.append(Value(*read(match), *match.span()))
    tokens = [match for match in TOKEN.finditer(plain) if _is_free(match.span(), taken)]
    place = 0
    while place < len(tokens):
        place = _take(tokens, place, plain, found, names)
    found += [Value("money", 0.0, *match.span()) for match in FREE.finditer(plain)]
    return sorted(found, key=lambda value: value.start), names


def _take(tokens, place, plain, found, names):
    """Read the token at a place; the place behind what was read."""
    word = tokens[place].group()
    before = tokens[place - 1].group() if place else ""
    if word.rstrip("s") in DAYS or word in DAYS:
        found.append(Value("weekday", DAYS.get(word, DAYS.get(word.rstrip("s"))), *tokens[place].span()))
        return place + 1
    if word in MONTHS and (word not in ("may", "march") or _is_month(tokens, place)):
        found.append(Value("month", MONTHS[word], *tokens[place].span()))
        return place + 1
    amount, last = _amount(tokens, place)
    if amount is None:
        return place + 1
    if before in NAMING:
        names.add(f"{before} {amount:g}")
        return last
    if YEAR.fullmatch(word):
        found.append(Value("year", amount, *tokens[place].span()))
        return last
    unit = UNIT_OF.get(tokens[last].group()) if last < len(tokens) else None
    if unit is None and before in ("€", "$", "£", "eur"):
        unit = ("money", 1)
    kind, factor = unit or ("number", 1)
    end = (
        tokens[last].end()
        if unit and last < len(tokens) and tokens[last].group() in UNIT_OF
        else tokens[last - 1].end()
    )
    found.append(Value(kind, round(amount * factor, 4), tokens[place].start(), end))
    return last


def _amount(tokens, place):
    """(number that begins at a place, the place behind it), or (None, place)."""
    word = tokens[place].group()
    if word[0].isdecimal():  # of any script; a raised 2 is a digit, but no number
        return _digits(word), place + 1
    if word not in NUMBERS and word not in HUNDREDS:
        return None, place
    amount, last = NUMBERS.get(word, 1), place + (word in NUMBERS)
    while last < len(tokens):
        following = tokens[last].group()
        if following in HUNDREDS:
            amount *= HUNDREDS[following]
        elif following in NUMBERS and amount >= 20 and NUMBERS[following] < 10:
            amount += NUMBERS[following]
        else:
            break
        last += 1
    return float(amount), last


def _digits(word):
    """A number in digits of any script, with marks between thousands or before decimals."""
    if re.fullmatch(r"\d+(?:[.,' ]\d{3})+", word):
        return float(re.sub(r"\D", "", word))
    decimals = re.search(r"[.,](\d{1,2})$", word)
    whole = word[: decimals.start()] if decimals else word
    return float(f"{''.join(filter(str.isdecimal, whole))}.{decimals.group(1) if decimals else 0}")


def _date(match):
    day, month, year, iso_year, iso_month, iso_day = match.groups()
    return "date", (int(year or iso_year), int(month or iso_month), int(day or iso_day))


def _time(match):
    hours, minutes, half = match.groups()
    return "number", _hours(int(hours), half) + int(minutes) / 60


def _clock(match):
    hours, half, full = match.groups()
    return "number", float(_hours(int(hours or full), half))


def _hours(hours, half):
    return hours % 12 + (12 if half.startswith("p") else 0) if half else hours


def _is_free(span, taken):
    return not any(start < span[1] and span[0] < end for start, end in taken)


def _is_measured(plain, match):
    """Whether what looks like a time, "2.50", has a unit behind it that times do not have, or money before it."""
    following = WORD.match(plain[match.end() :].lstrip())
    money_before = plain[: match.start()].rstrip().endswith(("€", "$", "£", "eur"))
    return "." in match.group() and (money_before or bool(following) and following.group() in UNIT_OF)


def _is_month(tokens, place):
    around = [tokens[near].group() for near in (place - 1, place + 1) if 0 <= near < len(tokens)]
    return any(word[0].isdigit() or word in ("in", "of", "until", "from", "since", "to", "till", "before", "after", "every", "and", "through") for word in around)  # fmt: skip


def normalise(sentence):
    """A sentence as ``find`` reads it."""
    return fold(sentence).replace("’", "'").replace("ß", "ss")
