"""Words that say how a question is put, not what it is about, by language.

Written for this project: articles, pronouns, auxiliaries, prepositions, conjunctions and question words. Languages
without a list do well enough: words that stand everywhere weigh little in BM25 anyway.
"""

_WORDS = {
    "en": """a about above after again against all also am an and any are aren as at be because been before being below
        between both but by can cannot could couldn d did didn do does doesn doing don down during each either else ever
        few for from further had hadn has hasn have haven having he her here hers herself him himself his how i if in
        into is isn it its itself just ll let m many may me might more most much must my myself no nor not now of off on
        once one only or other our ours ourselves out over own please re s same shall she should shouldn so some such t
        tell than that the their theirs them themselves then there these they this those through to too under until up
        upon us ve very was wasn we were weren what when where whether which while who whom whose why will with within
        without won would wouldn you your yours yourself""",
    "de": """aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bin bis
        bist da dadurch daher damit dann das dass dein deine dem den denen denn der deren des dessen die dies diese
        diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen
        gibt hab habe haben hat hatte hatten hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins
        ist ja jede jedem jeden jeder jedes jene kann kein keine können könnte man manche mehr mein meine mich mir mit
        muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seit sich sie sind so
        solche soll sollte sondern sonst über um und uns unser unter viel viele vom von vor wann war waren warum was
        weil welche welchem welchen welcher welches wem wen wenn wer werde werden wessen wie wieder wieso will wir wird
        wo wofür woher wohin womit worden wurde wurden während würde würden wodurch zu zum zur zwischen""",
    "fr": """a afin ai ainsi alors après au aucun aucune auquel aussi autre autres aux avait avant avec avez avoir avons
        c ce cela celle celles celui cependant ces cet cette ceux chaque chez ci comme comment contre d dans de depuis
        des donc dont du elle elles en encore entre est et eu eux fait furent fut il ils j je l la laquelle le lequel
        les lesquelles lesquels leur leurs lors lorsque lui m ma mais me mes moi moins mon même n ne nos notre nous on
        ont ou où par parce pas pendant peu peut peuvent plus pour pourquoi qu quand que quel quelle quelles quels qui
        quoi s sa sans se selon sera ses si son sont sous sur t ta te tes toi ton tous tout toute toutes tu un une vers
        vos votre vous y à était étaient été être combien""",
    "es": """a al algo algunas algunos ante antes aquel aquella así aunque cada como con contra cual cuál cuales cuáles
        cuando cuándo cuanta cuántas cuanto cuánto cuántos de del desde donde dónde dos durante e el él ella ellas ellos
        en entre era eran es esa esas ese eso esos esta está están estas este esto estos estaba fue fueron ha había han
        hasta hay la las le les lo los más me mi mientras mis mucho muchos muy nada ni no nos nosotros nuestra nuestro
        o os otra otras otro otros para pero poco por porque pues que qué quien quién quienes quiénes se sea según ser
        será si sí sido sin sobre son su sus también tan tanto te tiene tienen tipo todo todos tu tus un una unas uno
        unos y ya yo""",
    "it": """a ad agli ai al alla alle allo anche ancora avere aveva c che chi ci come con contro così cosa cui da dagli
        dai dal dalla dalle dallo de degli dei del dell della delle dello di dopo dove due e è ed era erano essere fra
        fu furono gli ha hanno ho i il in io l la le lei li lo loro lui ma mentre mi mia mio molto ne negli nei nel
        nella nelle nello no noi non nostro o ogni per perché perche più può qual quale quali quando quanti quanto
        quella quelle quelli quello questa queste questi questo qui se sei si sia sono stata stato su sua sue sugli sui
        sul sulla sulle suo suoi tra tu tutti tutto un una uno vi voi quante quanta""",
    "pt": """a à ao aos aquela aquele as às até com como da das de dela dele do dos e é ela elas ele eles em entre era
        eram essa esse esta está este eu foi foram há isso isto já lhe mais mas me mesmo meu minha muito na nas nem no
        nos nós não num numa o onde os ou para pela pelas pelo pelos por porque porquê qual quais quando quanto quantos
        quantas que quê quem se sem ser será seu seus só sobre sua suas são também te tem têm tinha todo todos um uma
        umas uns você vos""",
    "nl": """aan al alle als altijd andere bij daar dan dat de der deze die dit doch doen door dus een en er ge geen had
        hadden heb hebben heeft hem het hier hij hoe hoeveel hun iemand iets ik in is ja je kan kon kunnen maar me meer
        men met mij mijn moet na naar niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot
        u uit uw van veel voor waar waarom wanneer want waren was wat welk welke werd werden wie wij wil word worden
        wordt zal ze zelf zich zij zijn zo zonder zou""",
    "sv": """alla allt att av blev bli blir de dem den denna deras dess dessa det detta dig din ditt du där då efter ej
        eller en er ett från för ha hade han hans har henne henne hon honom hos hur här i icke inom inte jag ju kan
        kunde man med mellan men mig min mitt mot mycket ni nu när någon något några och om oss på samma sedan sig sin
        sina sitt ska skulle som så till under upp ut utan vad var vara varför varit vars vem vi vid vilka vilken
        vilket är åt över""",
    "da": """ad af alle at blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter eller en
        er et for fra ham han hans har havde have hende hendes her hos hun hvad hvem hvilke hvilken hvilket hvis hvor
        hvordan hvorfor hvornår i ikke ind jeg kan kunne man mange med meget mellem men mig min mod må ned noget nogle
        nu når og også om op os over på sig sin skal skulle som så til under ud var ved vi vil ville være været""",
    "no": """alle at av ble bli blir da de dem den denne der deres det dette du eller en er et etter for fra før ga ha
        hadde han hans har henne her hun hva hvem hvilke hvilken hvilket hvis hvor hvordan hvorfor i ikke inn jeg kan
        kunne man mange med meg mellom men min mot må ned noe noen nå når og også om opp oss over på seg sin skal
        skulle som så til under ut var ved vi vil ville være vært""",
    "fi": """ei eivät emme en ennen että ettei he hän ja jo joita joka joissa jossa jotka jos jota kaikki kanssa koska
        kuin kuinka kun kuka ketkä ketä keitä kyllä me mihin mikä mikään millainen milloin minkä minä mistä missä mitkä
        mitä miksi moni monta mutta myös ne niiden niin nyt näiden nämä oli olivat olla ollut on ovat se sekä sen sitä
        siitä sillä sinä tai te tämä tämän vai vain voi""",
    "ro": """a al ale am ar are as asupra au această acest aceasta acestea aceste acești acestui acestei astfel atunci ca
        care cărei căror cărui când cât câte câți ce cea cei cel cele cine cu cum către da dar de deci decât deși din
        dintre doar după e ea ei el ele era erau este eu fără fi fie fost i iar în înainte între îi își la lor lui
        mai mult multe mulți ne nici nu o ori pe pentru prin printre s sa să sale sau se și sub sunt său tot toate toți
        un una unde unei unor unui va vor""",
    "pl": """a aby albo ale bez bo być by był była było były ci co czy czym dla do gdy gdzie go i ich ile im innych iż
        ja jak jaka jaki jakie jakich jakim jako je jego jej jest jeszcze jeśli już kiedy kim kto kogo która które
        którego której który których którym ma mają może można mu na nad nie nich nim niż o od oraz po pod ponieważ
        przed przez przy są się swoje swoją ta tak także tam te tego tej ten to tu tych tylko tym u w we więc wiele
        wszystkich z za ze że został została zostały żeby""",
    "cs": """a aby ale ani ano asi až bez by byl byla bylo byly být co což či do ho i ině ja jak jaká jaké jaký jakou
        jako je jeho jej její jejich jen ještě jsem jsi jsme jsou k kam kde kdo kdy když ke kolik která které který
        kterou kteří mezi mi mít může my na nad ne nebo není než o od on ona oni ono po pod podle pro proč proto před
        při s se si sice svůj svou ta tak také te tedy ten to tom tu ty u už v ve více však z za ze že""",
    "tr": """acaba ama ancak arasında aslında az bazı belki ben beni benim bir biri birkaç birçok biz bu buna bunda
        bundan bunlar bunu bunun çok çünkü da daha dahi de defa değil diğer diye dolayı eğer en gibi göre hangi hangisi
        hem hep her hiç için ile ise kaç kadar kez ki kim kimi kimin mi mı mu mü nasıl ne neden nedir nerede nereden
        nereye niçin niye o olan olarak oldu olduğu olması onlar onu onun sen siz sonra şey şu tarafından tüm ve veya
        ya yani zaman""",
    "hu": """a abban ahhoz aki akik ami amely amelyek amíg arra az azok azon azt azzal be csak de e egy egyik el ez ezek
        ezen ezt ezzel és fel ha hány hogy hogyan hol honnan hova ide is itt ki kik kit kinek le lehet lesz lett ma már
        még meg melyik mely mert mi mik mikor milyen mint mit mivel miért nagyon ne nem nincs ott ő ők őket se sem
        számára szerint úgy vagy van vannak volt voltak""",
    "ru": """а без более бы был была были было быть в вам вас весь во вот все всех вы где да даже для до его ее её если
        есть еще ещё же за здесь и из или им их к как какая какие каким каких какого какое какой каком какую когда кого
        кому который которая которые которых которое кто ли либо между меня мне много может можно мы на над нас не него
        нее ней нет ни них но ну о об один она они оно от отчего очень по под после почему при про с сам свой своего
        своей своих себя сколько со так также такой там те тем то того тоже той только том тот ты у уже чего чей чем
        что чтобы чьи эта эти этих это этого этой этом этот я является""",
    "uk": """а або але був була були було бути в вас ви від він вона вони воно все де для до є за з зі і із її їх й його
        як яка яке який які якого якої яким яких коли кого хто куди ли ми можна може на над не нею ні них но о об один
        по під після при про свій свої скільки та так також там те ти то того тому той у хто це цього цей ці чи чому що
        щоб я""",
    "bg": """а аз ако бе беше би был в вас ви във да до е за защо и из или им как каква какви какво какъв кога което
        които кой която колко към къде ли ме между ми му на над не него нея ни ние но о от по под при с са се си след
        само със така тази те този това той тя тях че ще""",
    "el": """αλλά αν από απο αυτά αυτές αυτή αυτό αυτοί αυτός για γιατί δε δεν εάν είναι είχε είχαν ένα έναν ένας έχει
        έχουν η ήταν θα και κάθε κατά κι μας με μετά μέχρι μη μην μια μία μου να ο οι όπως όταν ό,τι ότι όχι που πού πριν
        προς πως πώς πόσα πόσες πόσο πόσοι πότε ποια ποιά ποιες ποιο ποιό ποιοι ποιος ποιός ποιον ποιους σας σε στα στη
        στην στις στο στον στους σου τα τη την της τι τις το τον του τους των ως ενώ επίσης""",
    "ar": """أ أن أنا أو أي أيضا أين إذا إلا إلى إن أكثر التي الذي الذين اللذان بعد بعض بل بين بها به تحت تلك تم ثم
        حتى حول حيث خلال ذلك سوف عام عبر عن عند عندما على عليه عليها غير فإن فقط في فيه فيها قبل قد كان كانت كانوا كل كم
        كما كيف لا لدى لقد لكن لم لماذا لن له لها ليس ما ماذا متى مع من منذ منه منها مما نحن هذا هذه هل هم هن هو هي هؤلاء
        هناك و وفي وقد وكان ولا ولم وما ومن وهو وهي يكون يتم""",
    "hi": """अपना अपनी अपने अब आदि इन इनका इस इसका इसकी इसके इसमें इसे उन उनका उनकी उनके उस उसका उसकी उसके उसे एक एवं ऐसे और कई
        कब करता करते करना करने कहा कहाँ का कि कितना कितनी कितने किन किस किसका किसके किसी किसे किसने की कुछ के को कोई कौन कौनसा कौनसी
        क्या क्यों गई गए गया जब जहाँ जा जाता जाती जाते जाने जिन जिस जिसके जिसमें जिसे जैसा जैसे जो तक तथा तब तो था थी थे द्वारा दिया न नहीं
        ने पर फिर बहुत बाद बारे बीच भी मगर में यदि यह यहाँ या ये रहा रही रहे लिए ले लेकिन व वह वहाँ वाला वाली वाले वे सकता सकते सभी
        साथ से हम हर ही हुआ हुई हुए है हैं हो होता होती होते होना होने""",
    "vi": """ai anh ấy bao bị bởi các cách cái cần chỉ cho chưa có của cũng do đã đang đâu đây để đến đi điều đó được em
        gì hay hơn khi không là lại lên mà mình một này nào nên nếu ngày nhiều như những nhưng ở ra rằng rất sao sau sẽ
        số tại thế thì theo thể thường trên trong trước từ và vào vẫn vì việc với vừa""",
    "id": """ada adalah agar akan aku anda antara apa apakah atau bagaimana bagi bahwa banyak beberapa belum berapa bisa
        bukan dalam dan dapat dari dengan di dia hanya harus ia ini itu jika juga kami kapan karena ke kepada kita lain
        lebih mana masih mengapa mereka namun oleh pada para saat saja sangat saya sebagai sebuah secara sedang sehingga
        seperti serta setelah siapa suatu sudah tapi telah tentang terhadap tersebut tetapi tidak untuk yang""",
}
_WORDS["ms"] = _WORDS["id"] + " awak boleh ialah iaitu kenapa bila dimana bagaimanakah apakah siapakah berapakah"
_WORDS["sk"] = (
    _WORDS["cs"]
    + " ako aké aká aký alebo aj bol bola bolo boli čo ich iba keď kto ktorá ktoré ktorý kým má nie pri sa si sú už v vo zo že prečo koľko"
)
_WORDS["hr"] = """a ako ali bi bila bili bilo bio biti da do dok ga gdje i iz ili im ima ih je jedan jer joj još ju kada
    kako kao koja koje koji kojeg kojem kojih kojim kojoj koju koliko kroz li mi mu na nad nakon ne nego nije o od ona
    oni ono po pod pri prije s sa sam samo se smo so su svoj svoje što ta tako te ti to tko tu u uz već vi za zašto zbog"""

WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}

# Word pairs of scripts without spaces that only ask. The rest is left to BM25.
_PAIRS = """什么 什麼 多少 哪些 哪个 哪個 哪里 哪裡 怎么 怎麼 怎样 如何 为什 為什 何时 何時 谁是 是谁 哪一 是什 哪种 有多 么是 とは
    です ます した でき 何で なぜ どこ いつ だれ どの どう ทำไ อะไ ะไร ไร"""
QUESTION_PAIRS = frozenset(_PAIRS.split())
