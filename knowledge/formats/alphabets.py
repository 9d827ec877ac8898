"""Which letters which language is written with, and the older encodings it was typed in. What a guess at an encoding is
judged by."""

# A guess is right when what it gives is written with one language's letters. Common ones first, rarer ones after the bar.
LETTERS = {
    "english": "",
    "german": "äöüß",
    "french": "éèêàçôûîâœ|ëïùæÿ",
    "spanish": "áéíóúñ¿¡|ü",
    "portuguese": "ãçéáõíêóâú|àô",
    "italian": "àèéìòù",
    "dutch": "éëï|èêöüó",
    "danish and norwegian": "æøå|éòèóô",
    "swedish and finnish": "äöå|é",
    "icelandic": "áéíóúýþæöð",
    "polish": "ąćęłńóśźż",
    "czech": "áčďéěíňóřšťúůýž",
    "slovak": "áäčďéíľňóôšťúýž|ĺŕ",
    "hungarian": "áéíóöőúüű",
    "romanian": "ăâîşţ|șț",
    "croatian": "čćđšž",
    "turkish": "çğıöşü|âîû",
    "baltic": "āčēģīķļņšūžąęėįųõäöü",
    "vietnamese": "ăâđêôơưàáãèéìíòóõùúýảạấầẩẫậắằẳẵặẻẽẹếềểễệỉĩịỏọốồổỗộớờởỡợủũụứừửữựỷỹỵỳ|\u0300\u0301\u0303\u0309\u0323",
    "russian": "оеаинтсрвлкмдпу|яыьгзбчйхжшюцщэфъё",
    "ukrainian": "оаиінвертсклудмп|яьзбйгчєїжхцюшщфґ",
    "bulgarian": "аоиетнрвсдлкпм|ъзябугчщхжшцйфюь",
    "serbian": "аоиенртсјвукдмлп|зђљњћџшжчцхбгф",
    "greek": "αοιετσνηυρπκμλς|ωδγχθφβξζψάέήίόύώϊϋΐΰ",
    "hebrew": "יוהלאתמרבשנםדחקפעכצטגזןסךף|ץ\u05b0\u05b4\u05b7\u05b8",
    "arabic": "اليمنوترهبدسفعكقحجةأشطخصذىئإغثضآؤءزظ|ًٌٍَُِّْ،؛؟ـ",
    "thai": "านรอกเงมยลวดทตสะปบคหแจพชขใไโผธซศฟณญถภฐฉฮษฎฏฆ|่้ิีัุูืำ็์ึๆฯ",
    "japanese": "のにはをたがでてとしれさいるなかっすらもこりまきあくけそうちよせえつやだみどわろほめねひおへんょゃゅぎぜ"
    "アイウエオカキクケコサシスセソタチツテトナニネノハヒフヘホマミムメモラリルレロワンーッャュョガギグゲゴジズデドバビブベボパピプペポ"
    "。、「」日本人年月時分円一二三十大中小上下出入無料金",
    "chinese": "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没"
    "日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长四二五月费元免港从放夜"
    "，。、：；？！（）“”",
    "chinese, traditional": "的一是不了人我在有他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天"
    "而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長四二五月費元免港從放夜"
    "，。、：；？！（）「」",
    "korean": "이다는을의에가고하지은한로를기도사리어나자인서해시과스대라만니정부아보수게있으일제그여장전들것습없개요상료주",
}  # fmt: skip

WESTERN = ["english", "german", "french", "spanish", "portuguese", "italian", "dutch", "danish and norwegian",
           "swedish and finnish", "icelandic"]  # fmt: skip
EASTERN = ["polish", "czech", "slovak", "hungarian", "romanian", "croatian", "german"]
CYRILLIC = ["russian", "ukrainian", "bulgarian", "serbian"]

# Of two that judge the same the first is taken.
ENCODINGS = {
    "cp1252": WESTERN, "iso8859-15": WESTERN, "cp1250": EASTERN, "iso8859-2": EASTERN, "cp1251": CYRILLIC,
    "koi8-r": ["russian", "bulgarian"], "koi8-u": ["ukrainian"], "cp866": ["russian"], "iso8859-5": CYRILLIC,
    "mac-cyrillic": CYRILLIC, "cp1253": ["greek"], "iso8859-7": ["greek"], "cp1254": ["turkish"],
    "iso8859-9": ["turkish"], "cp1255": ["hebrew"], "iso8859-8": ["hebrew"], "cp1256": ["arabic"],
    "iso8859-6": ["arabic"], "cp874": ["thai"], "cp1257": ["baltic"], "cp1258": ["vietnamese"],
    "mac-roman": WESTERN, "mac-latin2": EASTERN, "cp850": WESTERN, "cp852": EASTERN, "cp437": WESTERN,
    "shift_jis": ["japanese"], "cp932": ["japanese"], "euc_jp": ["japanese"],
    "gb18030": ["chinese", "chinese, traditional"], "big5": ["chinese, traditional"], "cp950": ["chinese, traditional"],
    "cp949": ["korean"], "johab": ["korean"],
}  # fmt: skip
