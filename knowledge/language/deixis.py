"""Words that point back at something said before, by language.

Written for this project. Where a word has another, commoner use (German "Sie", French "il y a", English "there is"), the
pattern leaves that out or the word is missing: to miss a question that leans costs less than to drag an old subject
into one that stands alone.
"""

import re

_BEFORE_THAT = """does|do|did|is|was|are|were|will|can|could|would|should|for|of|in|on|at|with|about|like|after|before|than|to|
    from|by|if|and|how|why|who|pay|need|use|mean|cost|arranged?|built|made|called"""
_POINTING = {
    "en": rf"""it|its|they|them|their|theirs|he|him|his|she|her|hers|then|the\ same|others?|else|too|instead|either|
        (?:{_BEFORE_THAT})\s+(?:to\s+\w+\s+)?(?:that|this|those|these)|(?:arrange|do|pay|get|use|say)\s+(?:that|this|those)|
        (?<!is\ )(?<!are\ )(?<!was\ )(?<!were\ )(?<!be\ )there(?!\ (?:is|are|was|were|be)\b)|ones?(?=\W*$)|the\ two""",
    "de": r"""er|es|ihn|ihm|(?-i:ihr|ihre|ihren|ihrem|ihrer|sie)|sein|seine|seinen|seinem|seiner|dessen|deren|davon|damit|dafür|
        daran|darauf|darin|dabei|dazu|dort|dann|denen|diese|dieser|dieses|diesen|diesem|jene\w*|auch|das(?=\W*$)|
        das(?=\ (?:ist|war|kostet|heißt|geht|dauert))|(?<=kostet\ )das|(?<=ist\ )das|(?<=dauert\ )das|(?<=geht\ )das""",
    "es": r"""él|ella|ellos|ellas|su|sus|eso|esto|ese|esa|esos|esas|aquel|aquella|allí|ahí|allá|entonces|también|lo\ mismo|
        otro|otra|otros|otras|tampoco""",
    "fr": r"""elle|elles|ils|il(?!\ y\ a|\ faut)|lui|leur|leurs|ça|cela|celui|celle|ceux|celles|son|sa|ses|là|alors|aussi|
        l['’]autre|les\ autres|le\ même|la\ même""",
    "it": r"lui|lei|loro|esso|essa|essi|esse|questo|questa|quello|quella|quelli|quelle|ciò|lì|là|suo|sua|suoi|sue|allora|anche|altro|altra|altri|altre",
    "pt": r"ele|ela|eles|elas|dele|dela|deles|delas|isso|isto|esse|essa|esses|essas|nele|nela|lá|ali|então|seu|sua|seus|suas|também|outro|outra|outros|outras",
    "nl": r"hij|zij|hem|haar|hun|hen|daar|daarvan|daarmee|daarvoor|daarna|ervan|ermee|ervoor|dan|dit(?=\W*$)|dat(?=\W*$)|ook|andere",
    "ru": r"он|она|оно|они|его|её|ее|их|ему|ей|им|ним|ней|них|нём|нем|там|туда|тогда|этот|эта|это|эти|этого|этой|тот|та|те|тоже|также|друг\w+",
    "pl": r"on|ona|ono|oni|one|jego|jej|ich|im|nim|niej|nich|tam|wtedy|ten|ta|te|tego|tej|też|również|inn\w+",
    "tr": r"o|onun|onlar|onların|ona|onu|ondan|orada|oraya|bu|bunun|buna|şu|de|da|başka|diğer\w*",
    "ar": r"هو|هي|هم|هن|هذا|هذه|ذلك|تلك|هناك|عنه|عنها|فيه|فيها|منه|منها|له|لها|لهم|أيضا|أيضًا",
    "hi": r"वह|वे|वो|उस|उसका|उसकी|उसके|उसे|उन|उनका|उनकी|उनके|उन्हें|यह|ये|इस|इसका|इसकी|इसके|वहाँ|वहां|तब|भी",
}  # fmt: skip
# Written without spaces, or with endings that no word boundary sets off.
_INSIDE = {
    "zh": "它|他|她|那里|那儿|那边|那个|这里|这个|这些|那些|其他|其它|也|呢[？?]?$",
    "ja": "それ|そこ|その|あれ|あの|これ|ここ|この|彼|も[？?]?$|は[？?]$",
    "ko": "그것|그거|그곳|거기|그는|그의|그녀|그들|이것|그럼|은요|는요|도요",
    "th": "มัน|เขา|เธอ|พวกเขา|นั้น|นี้|ที่นั่น|ที่นี่|ล่ะ",
}
_OPENINGS = {
    "en": r"and|or|but|so|also|ok|okay|what\ about|how\ about|what\ if",
    "de": r"und|oder|aber|also|auch|was\ ist\ mit|wie\ ist\ es\ mit|wie\ steht\ es\ mit|was\ wenn",
    "es": r"y|e|o|pero|entonces|qué\ tal|qué\ pasa\ con",
    "fr": r"et|ou|mais|alors|qu['’]en\ est-il",
    "it": r"e|ed|o|ma|allora",
    "pt": r"e|ou|mas|então",
    "nl": r"en|of|maar|hoe\ zit\ het\ met|wat\ als",
    "ru": r"а|и|но|или",
    "pl": r"a|i|ale|lub|czy\ też",
    "tr": r"peki|ve|ya|ama",
    "hi": r"और|या|लेकिन|तो",
}
_OPENINGS_INSIDE = {
    "ar": r"[\W]*و(?:ماذا|كم|متى|أين|هل|ما|من|كيف|لماذا|في|عن)",
    "zh": r"\W*(?:那么|那|还有|和|但是|但|如果)",
    "ja": r"\W*(?:では|じゃあ|じゃ|そして|でも|それで)",
    "ko": r"\W*(?:그럼|그리고|그런데|하지만)",
    "th": r"\W*(?:แล้ว|และ|แต่|หรือ)",
}

LEANING = {
    language: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE | re.VERBOSE)
    for language, words in _POINTING.items()
} | {language: re.compile(words) for language, words in _INSIDE.items()}
OPENINGS = {
    language: re.compile(rf"\W*(?:{words})(?!\w)", re.IGNORECASE | re.VERBOSE) for language, words in _OPENINGS.items()
} | {language: re.compile(words) for language, words in _OPENINGS_INSIDE.items()}

# Verbs and measures that ask about something named elsewhere: "how long does it take", "wie viel kostet das".
_EMPTY = {
    "en": """take takes taking cost costs get got go goes work works mean means long much many often far big high heavy deep
        wide old fast late early happen happens use come comes need pay make find know tell say day days time times year
        years week weeks month months hour hours minute minutes thing things way exactly please price prices open closed""",
    "de": """dauert dauern kostet kosten lange viel viele weit oft groß hoch schwer tief breit alt schnell spät früh passiert
        geschieht geht gehen macht brauche braucht komme kommt heißt bedeutet tag tage zeit jahr jahre woche monat stunde
        stunden bitte genau preis""",
    "es": """cuesta cuestan tarda dura mucho lejos grande alto pesa hondo ancho viejo pasa va hago necesito día días tiempo
        vez veces año años semana mes hora horas exactamente favor precio""",
    "fr": """coûte coûtent dure prend longtemps loin souvent grand haut lourd profond large passe va faut jour jours temps
        fois année semaine mois heure heures exactement prix""",
}
EMPTY = {language: frozenset(words.split()) for language, words in _EMPTY.items()}
