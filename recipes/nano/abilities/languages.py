"""Numbers, dates, greetings and a phrase book in English, French, German, Spanish and Italian."""

from __future__ import annotations

import random

from recipes.nano.abilities import number_words
from recipes.nano.abilities.phrase_book import CALENDAR, LANGUAGES, MONTHS, PHRASES, WORDS, clear
from recipes.nano.abilities.split import held_out
from recipes.nano.example import Effort, Example, Split

NAME = "languages"

NAMES = (  # of the languages, in each language
    ("English", "French", "German", "Spanish", "Italian"),
    ("anglais", "français", "allemand", "espagnol", "italien"),
    ("Englisch", "Französisch", "Deutsch", "Spanisch", "Italienisch"),
    ("inglés", "francés", "alemán", "español", "italiano"),
    ("inglese", "francese", "tedesco", "spagnolo", "italiano"),
)

TRANSLATE = (  # {q} is the text, perhaps in quotes, {x} the bare text, {l} the target language, {s} the source
    (
        "How do you say {q} in {l}?|How do I say {q} in {l}?|Translate to {l}: {x}|Translate {q} into {l}.|"
        "Translate {q} to {l}.|What is {q} in {l}?|{x} in {l}|Say {q} in {l}.|How would you say {q} in {l}?|"
        "Translate into {l}: {x}|Translate from {s} to {l}: {x}|Please translate {q} to {l}.|{l} for {q}?|"
        "What's {q} in {l}?|Translate this to {l}: {x}|In {l}: {x}|{x} -> {l}|Can you translate {q} into {l}?|"
        "Translate the {s} {q} into {l}.|Give me the {l} for {q}.|What does {q} mean in {l}?|to {l}: {x}|"
        "I want to say {q} in {l}.|Write {q} in {l}.|{s} to {l}: {x}"
    ).split("|"),
    (
        "Comment dit-on {q} en {l} ?|Traduis en {l} : {x}|Traduis {q} en {l}.|Traduisez {q} en {l}.|{x} en {l}|"
        "Comment dire {q} en {l} ?|Que veut dire {q} en {l} ?|Traduis ceci en {l} : {x}"
    ).split("|"),
    (
        "Wie sagt man {q} auf {l}?|Was heißt {q} auf {l}?|Übersetze ins {l}e: {x}|Übersetze {q} ins {l}e.|"
        "{x} auf {l}|Wie heißt {q} auf {l}?|Sag {q} auf {l}.|Bitte übersetze ins {l}e: {x}"
    ).split("|"),
    (
        "¿Cómo se dice {q} en {l}?|Traduce al {l}: {x}|Traduce {q} al {l}.|¿Qué significa {q} en {l}?|{x} en {l}|"
        "¿Cómo digo {q} en {l}?|Di {q} en {l}.|Por favor, traduce al {l}: {x}"
    ).split("|"),
    (
        "Come si dice {q} in {l}?|Traduci in {l}: {x}|Traduci {q} in {l}.|Cosa significa {q} in {l}?|{x} in {l}|"
        "Come dico {q} in {l}?|Per favore, traduci in {l}: {x}|Di' {q} in {l}."
    ).split("|"),
)
SPELL = (  # a number in words
    (
        "Write {n} in {l} words.|Write {n} in words in {l}.|How do you say {n} in {l}?|{n} in {l} words|{n} in {l}|"
        "Spell {n} in {l}.|What is {n} in {l}?|The number {n} in {l}|Translate {n} to {l}.|How is {n} written in {l}?|"
        "Spell out {n} in {l}.|How do I write the number {n} in {l}?|Say the number {n} in {l}."
    ).split("|"),
    "Écris {n} en lettres en {l}.|Comment dit-on {n} en {l} ?|{n} en {l}|Écris le nombre {n} en {l}.".split("|"),
    "Schreibe {n} in Worten auf {l}.|Wie sagt man {n} auf {l}?|{n} auf {l}|Schreibe die Zahl {n} auf {l}.".split("|"),
    "Escribe {n} en palabras en {l}.|¿Cómo se dice {n} en {l}?|{n} en {l}|Escribe el número {n} en {l}.".split("|"),
    "Scrivi {n} in lettere in {l}.|Come si dice {n} in {l}?|{n} in {l}|Scrivi il numero {n} in {l}.".split("|"),
)
SPELL_AT_HOME = (
    "Write {n} in words.|Spell out {n}.|{n} in words".split("|"),
    "Écris {n} en lettres.|{n} en lettres|Écris {n} en toutes lettres.".split("|"),
    "Schreibe {n} in Worten.|{n} in Worten|Schreibe {n} als Wort.".split("|"),
    "Escribe {n} en letras.|{n} en letras|Escribe {n} con palabras.".split("|"),
    "Scrivi {n} in lettere.|{n} in lettere|Scrivi {n} a parole.".split("|"),
)
DIGITS = (  # a number in digits
    (
        "Write {q} in digits.|{x} in digits|What number is {q}?|Which number is {q}?|Write {q} as a number.|"
        "Write the {l} number {q} in digits.|Convert {q} to digits.|What is {q} as a number?|Digits for {q}|"
        "Which number is the {l} {q}?|Turn {q} into digits."
    ).split("|"),
    "Écris {q} en chiffres.|{x} en chiffres|Quel nombre est {q} ?".split("|"),
    "Schreibe {q} in Ziffern.|{x} in Ziffern|Welche Zahl ist {q}?".split("|"),
    "Escribe {q} en cifras.|{x} en cifras|¿Qué número es {q}?".split("|"),
    "Scrivi {q} in cifre.|{x} in cifre|Che numero è {q}?".split("|"),
)
DATE = (  # a date in a language
    (
        "Write {n} in {l}.|Write the date {n} in {l}.|{n} in {l}|How do you write {n} in {l}?|Translate {n} to {l}.|"
        "The date {n} in {l}|What is {n} in {l}?|Write {n} as a date in {l}.|Write out {n} in {l}.|"
        "How do you say the date {n} in {l}?|Translate the date to {l}: {n}"
    ).split("|"),
    "Écris {n} en {l}.|Écris la date {n} en {l}.|{n} en {l}|Traduis la date en {l} : {n}".split("|"),
    "Schreibe {n} auf {l}.|Schreibe das Datum {n} auf {l}.|{n} auf {l}|Übersetze das Datum ins {l}e: {n}".split("|"),
    "Escribe {n} en {l}.|Escribe la fecha {n} en {l}.|{n} en {l}|Traduce la fecha al {l}: {n}".split("|"),
    "Scrivi {n} in {l}.|Scrivi la data {n} in {l}.|{n} in {l}|Traduci la data in {l}: {n}".split("|"),
)
ISO = (
    "Write {n} as YYYY-MM-DD.|{n} in ISO format|Convert {n} to YYYY-MM-DD.|Write {n} as an ISO date.|"
    "{n} as YYYY-MM-DD|Which ISO date is {n}?|Write the date {n} in ISO format."
).split("|")
WHICH = (
    "Which language is {q}?|What language is {q}?|What language is this? {x}|Which language is this: {x}|"
    "In which language is {q}?|Name the language: {x}|{x} - what language is that?"
).split("|")

# What someone says (in training | held out), what nano answers, and a word that only this answer has.
GREETINGS = (
    (
        1,
        "Bonjour|Bonjour !|bonjour|Salut|Salut !|Bonsoir|Bonsoir !|Coucou|Bonjour Nano|Salut Nano|Bonjour à tous|"
        "Bonjour, ça va ?|Salut, comment ça va ?|Comment ça va ?|Comment vas-tu ?|Comment allez-vous ?",
        "Salut, ça va ?|Bonsoir Nano !|Coucou Nano|Bonjour, comment allez-vous ?",
        "Bonjour ! Comment puis-je vous aider ?",
        "Bonjour",
    ),
    (
        2,
        "Guten Tag|Guten Tag!|Hallo|Hallo!|hallo|Guten Morgen|Guten Morgen!|Guten Abend|Hallo Nano|Servus|Grüß dich|"
        "Moin|Hallo, wie geht's?|Wie geht es dir?|Wie geht's?|Guten Tag, wie geht es Ihnen?",
        "Guten Abend, Nano!|Hallo, wie geht es dir?|Guten Morgen, wie geht's?|Guten Tag Nano",
        "Hallo! Wie kann ich helfen?",
        "helfen",
    ),
    (
        3,
        "Hola|¡Hola!|hola|Buenos días|¡Buenos días!|Buenas tardes|Buenas noches|Hola Nano|Hola, ¿qué tal?|¿Qué tal?|"
        "¿Cómo estás?|Hola, ¿cómo estás?|¡Buenas!|Muy buenas|¿Cómo está usted?",
        "¡Hola, Nano!|Buenos días, ¿qué tal?|Buenas tardes, Nano|Buenas, ¿cómo estás?",
        "¡Hola! ¿En qué puedo ayudar?",
        "ayudar",
    ),
    (
        4,
        "Ciao|Ciao!|ciao|Buongiorno|Buongiorno!|Buonasera|Buonasera!|Salve|Ciao Nano|Ciao, come stai?|Come stai?|"
        "Come va?|Ciao, come va?|Buongiorno Nano|Come sta?",
        "Salve, come va?|Buonasera Nano|Buongiorno, come sta?|Ciao Nano, come stai?",
        "Ciao! Come posso aiutare?",
        "aiutare",
    ),
    (
        1,
        "Merci|Merci !|merci beaucoup|Merci beaucoup !|Merci, Nano",
        "Merci bien !|Un grand merci",
        "De rien !",
        "rien",
    ),
    (2, "Danke|Danke!|danke schön|Vielen Dank!|Danke, Nano", "Danke sehr!|Tausend Dank", "Gern geschehen!", "gern"),
    (
        3,
        "Gracias|¡Gracias!|muchas gracias|¡Muchas gracias!|Gracias, Nano",
        "Mil gracias|Gracias a ti",
        "¡De nada!",
        "nada",
    ),
    (4, "Grazie|Grazie!|grazie mille|Grazie mille!|Grazie, Nano", "Tante grazie|Grazie tante!", "Prego!", "prego"),
    (1, "Au revoir|Au revoir !|à bientôt|À demain !|Bonne nuit", "Au revoir Nano|À bientôt !", "Au revoir !", "revoir"),
    (
        2,
        "Auf Wiedersehen|Tschüss|tschüss!|Bis bald|Gute Nacht",
        "Tschüss, Nano!|Bis bald!",
        "Auf Wiedersehen!",
        "wieder",
    ),
    (3, "Adiós|¡Adiós!|hasta luego|Hasta mañana|Hasta pronto", "Adiós, Nano|¡Hasta luego!", "¡Adiós!", "adiós"),
    (
        4,
        "Arrivederci|Arrivederci!|a presto|A domani|Buonanotte",
        "Arrivederci, Nano|A presto!",
        "Arrivederci!",
        "arriv",
    ),
)

KINDS = ("numbers", "dates", "greetings", "phrases", "words", "which-language", "vocabulary")
SHARES: dict[Split, tuple[int, ...]] = {"train": (20, 8, 3, 24, 17, 10, 18), "test": (28, 14, 8, 25, 23, 2, 0)}
LISTED = ("Translate to {l}: {x}", "{l}: {x}", "Translate these words to {l}: {x}", "{x} in {l}", "In {l}, please: {x}")
AGAIN = ("And in {l}?|In {l}?|{l}?|And {l}?|What about {l}?|Now in {l}.".split("|"), "Et en {l} ?|En {l} ?".split("|"),
         "Und auf {l}?|Auf {l}?".split("|"), "¿Y en {l}?|En {l}".split("|"), "E in {l}?|In {l}?".split("|"))  # fmt: skip

# Wordings for training only; the test draws from the tuples above, which must stay as they are.
FURTHER = 0.23  # of all examples of training
ORDERS = (
    (
        "I need the {l} translation of {q}.|What is the {l} translation of {q}?|Can you give me {q} in {l}?|{x} in {l}?|"
        "Give me {q} in {l}.|Could you translate {q} into {l}?|Could you put {q} into {l}?|Tell me {q} in {l}.|"
        "Tell me how to say {q} in {l}.|I need {q} in {l}.|Give me the {l} translation of {q}.|{l} translation of {q}|"
        "What would {q} be in {l}?|How does one say {q} in {l}?|Please say {q} in {l}.|{x}, in {l} please|"
        "Do you know how to say {q} in {l}?|Translate {x} into {l}|translate {x} into {l}|translate {x} to {l}|"
        "translate to {l}: {x}|how do you say {x} in {l}|how do i say {x} in {l}?|what is {x} in {l}?|{l}: {x}"
    ).split("|"),
    (
        "{x} en {l} ?|Quelle est la traduction de {q} en {l} ?|Peux-tu traduire {q} en {l} ?|Donne-moi {q} en {l}.|"
        "J'ai besoin de {q} en {l}.|Comment traduit-on {q} en {l} ?|traduis {x} en {l}|Dis {q} en {l}."
    ).split("|"),
    (
        "{x} auf {l}?|Was ist {q} auf {l}?|Kannst du {q} ins {l}e übersetzen?|Gib mir {q} auf {l}.|{x} auf {l} bitte|"
        "Wie lautet {q} auf {l}?|Ich brauche {q} auf {l}.|Was heißt {x} auf {l}|übersetze {x} ins {l}e"
    ).split("|"),
    (
        "{x} en {l}?|¿Cuál es la traducción de {q} al {l}?|¿Puedes traducir {q} al {l}?|Dame {q} en {l}.|"
        "Necesito {q} en {l}.|¿Cómo se traduce {q} al {l}?|traduce {x} al {l}|¿Qué es {q} en {l}?"
    ).split("|"),
    (
        "{x} in {l}?|Qual è la traduzione di {q} in {l}?|Puoi tradurre {q} in {l}?|Dammi {q} in {l}.|"
        "Mi serve {q} in {l}.|Come si traduce {q} in {l}?|traduci {x} in {l}|Che cos'è {q} in {l}?"
    ).split("|"),
)
WORD_ORDERS = (
    "What is the {l} word for {q}?|What's the {l} word for {q}?|Which {l} word means {q}?|the {l} word for {x}|"
    "Tell me the {l} word for {q}.|I need the {l} word for {q}.|Do you know the {l} word for {q}?|"
    "Give me the {l} word for {q}.|What do you call {q} in {l}?"
).split("|")
MEANING = (  # into the language that is asked in
    (
        "What does {q} mean?|What does {x} mean?|What does the {s} {q} mean?|What does the {s} word {q} mean?|"
        "What is the meaning of {q}?|What is meant by {q}?|Tell me what {q} means.|What does {q} mean in english?|"
        "Do you know what {q} means?|what does {x} mean|Can you tell me what {q} means?|{x} means what?|Translate: {x}"
    ).split("|"),
    "Que veut dire {q} ?|Que signifie {q} ?|Qu'est-ce que {q} veut dire ?|que veut dire {x} ?|Traduis : {x}".split("|"),
    "Was bedeutet {q}?|Was heißt {q}?|Was soll {q} heißen?|was bedeutet {x}?|Übersetze: {x}".split("|"),
    "¿Qué significa {q}?|¿Qué quiere decir {q}?|¿qué significa {x}?|¿Cuál es el significado de {q}?".split("|"),
    "Cosa significa {q}?|Che cosa vuol dire {q}?|Che significa {q}?|cosa significa {x}?|Cosa vuol dire {q}?".split("|"),
)
INTERPRETER = (  # a system prompt; each message of the user is then a text
    (
        "Translate the user's message into {l}.|You are a translator. Translate everything to {l}.|Translate to {l}.|"
        "Translate everything the user says into {l}.|You translate into {l}.|You are a {s}-{l} translator.|"
        "You are a translator. Answer only with the {l} translation.|Translate the text of the user to {l}.|"
        "Translate whatever I write into {l}. Answer with the translation only.|Translate each message to {l}.|"
        "You are a translation assistant. Translate from {s} to {l}.|Translate user messages from {s} into {l}.|"
        "Your task is to translate into {l}.|Reply with the {l} translation of every message.|"
        "You are a helpful translator. The target language is {l}.|Translate the user's message into {l}. Nothing else."
    ).split("|"),
    "Traduis en {l} les messages de l'utilisateur.|Tu es traducteur. Traduis tout en {l}.|Traduis tout en {l}.".split(
        "|"
    ),
    "Übersetze die Nachricht des Nutzers ins {l}e.|Du bist Übersetzer. Übersetze alles ins {l}e.|"
    "Übersetze alles ins {l}e.".split("|"),
    "Traduce al {l} los mensajes del usuario.|Eres traductor. Traduce todo al {l}.|Traduce todo al {l}.".split("|"),
    "Traduci in {l} i messaggi dell'utente.|Sei un traduttore. Traduci tutto in {l}.|Traduci tutto in {l}.".split("|"),
)
DATE_ORDERS = (
    "{n} in {l}?|Can you give me {n} in {l}?|I need the {l} translation of {n}.|Give me the date {n} in {l}.|"
    "Could you write {n} in {l}?|How is {n} written in {l}?|translate {n} into {l}|Translate {n} into {l}.|"
    "Please write the date {n} in {l}.|Write this date in {l}: {n}|How would you say {n} in {l}?"
).split("|")
ISO_ORDERS = (
    "Give me {n} as YYYY-MM-DD.|What is {n} in ISO format?|convert {n} to ISO|Change {n} to YYYY-MM-DD.|{n} to ISO 8601|"
    "Convert the date {n} to ISO format.|Rewrite {n} as YYYY-MM-DD."
).split("|")


def _quoted(rng: random.Random, text: str) -> str:
    return rng.choice(('"{}"', '"{}"', "'{}'", "{}", "«{}»")).format(text)


def _voice(rng: random.Random) -> int:
    """The language that the request is made in: mostly English."""
    return 0 if rng.random() < 0.6 else rng.randint(1, 4)


def _request(
    rng: random.Random, templates: tuple[list[str], ...], text: str, target: int, source: int | None = None
) -> str:
    voice = _voice(rng)
    names = NAMES[voice]
    chosen = rng.choice(templates[voice])
    quoted = _quoted(rng, text)
    asked = chosen.format(q=quoted, x=text, n=text, l=names[target], s="" if source is None else names[source])
    return asked.replace('."', '"') if rng.random() < 0.3 else asked


def _pair(rng: random.Random) -> tuple[int, int]:
    """Source and target; English takes part more often than not."""
    if rng.random() < 0.4:
        return 0, rng.randint(1, 4)
    source, target = rng.sample(range(5), 2)
    return source, target


def _loose(rng: random.Random, text: str) -> str:
    """The text as people type it: sometimes without the final period, or in small letters."""
    draw = rng.random()
    if draw < 0.4 and text.endswith("."):
        text = text[:-1]
    if draw < 0.2:
        text = text[:1].lower() + text[1:]
    return text


Made = tuple[str, str, str, str]  # request, answer, thought, key
Row = tuple[str, ...]  # of the phrase book


def pair_key(row: Row, source: int, target: int) -> str:
    """A text and the language it goes to; French and Italian ``novembre`` are one."""
    return f"{row[source].lower()} > {LANGUAGES[target]}"


def _entry(
    rng: random.Random, split: Split, rows: tuple[Row, ...], templates: tuple[list[str], ...], loose: bool
) -> list[Made]:
    """A translation; in training often the same text to other languages, too, as what belongs together is met together."""
    while True:
        row = rng.choice(rows)
        source, target = _pair(rng)
        key = pair_key(row, source, target)
        if held_out(key) == (split == "test") and clear(row, source):
            break
    text = _loose(rng, row[source]) if loose else row[source]
    thought = f"{LANGUAGES[target]}: {row[0]}"
    made = [(_request(rng, templates, text, target, source), row[target], thought, key)]
    if split == "train" and rng.random() < 0.6:
        made += again(rng, row, source, target)
    return made


def again(rng: random.Random, row: Row, source: int, target: int) -> list[Made]:
    """The same text to the other languages, but for what is held out from any language that already stands there."""
    others = [language for language in range(5) if language not in (source, target)]
    made, shown = [], [source, target]
    for language in rng.sample(others, rng.randint(1, 3)):
        key = pair_key(row, source, language)
        if not any(held_out(pair_key(row, other, language)) for other in shown):
            shown.append(language)
            voice = _voice(rng)
            asked = rng.choice(AGAIN[voice]).format(l=NAMES[voice][language])
            made.append((asked, row[language], f"{LANGUAGES[language]}: {row[0]}", key))
    return made


def _phrases(rng: random.Random, split: Split) -> list[Made]:
    return _entry(rng, split, PHRASES, TRANSLATE, True)


def _words(rng: random.Random, split: Split) -> list[Made]:
    return _entry(rng, split, WORDS, TRANSLATE, False)


def _vocabulary(rng: random.Random, _: Split) -> list[Made]:
    """Many words in one request, for half the tokens that each would cost by itself. For training alone."""
    source, target = _pair(rng)
    rows = [row for row in rng.sample(WORDS, 16) if clear(row, source) and not held_out(pair_key(row, source, target))]
    chosen = rows[: rng.randint(2, 10)]
    between = rng.choice((", ", ", ", "\n", "; "))
    asked = rng.choice(LISTED).format(l=LANGUAGES[target], x=between.join(row[source] for row in chosen))
    answer = between.join(row[target] for row in chosen)
    return [(asked, answer, f"{LANGUAGES[target]}: {', '.join(row[0] for row in chosen)}", asked)]


def parts(n: int) -> str:
    """``1342`` as ``1000+300+42``: as the words have it."""
    pieces = [n // 1000 * 1000, n % 1000 // 100 * 100, n % 100]
    return "+".join(str(piece) for piece in pieces if piece) or "0"


def _numbers(rng: random.Random, split: Split) -> Made:
    while True:
        n = rng.randrange(*rng.choice(((0, 100), (0, 100), (0, 1000), (0, 1000), (1000, 10000))))
        if number_words.number_held_out(n) == (split == "test"):
            break
    language = rng.randrange(5)
    words = number_words.WORDS[language](n)
    key = f"number {n}"
    draw = rng.random()
    if draw < 0.45:
        templates = SPELL
        if rng.random() < 0.25:
            asked = rng.choice(SPELL_AT_HOME[language]).format(n=n)
        else:
            asked = _request(rng, templates, str(n), language)
        return asked, words, f"{LANGUAGES[language]}: {parts(n)}", key
    if draw < 0.8:
        if language == 0 and n > 100 and n % 100 and rng.random() < 0.5:  # both ways are read, one is written
            head, _, tail = words.rpartition("hundred ")
            words = f"{head}hundred and {tail}" if head else words
        voice = language if rng.random() < 0.4 else 0
        name = NAMES[voice][language]
        asked = rng.choice(DIGITS[voice]).format(q=_quoted(rng, words), x=words, l=name)
        return asked, str(n), parts(n), key
    other = rng.choice([i for i in range(5) if i != language])
    asked = _request(rng, TRANSLATE, words, other, language)
    return asked, number_words.WORDS[other](n), f"{LANGUAGES[other]}: {parts(n)}", key


def date_text(language: int, year: int, month: int, day: int) -> str:
    """The date as that language writes it."""
    name = MONTHS[language][month - 1]
    return (
        f"{name} {day}, {year}",
        f"{'1er' if day == 1 else day} {name} {year}",
        f"{day}. {name} {year}",
        f"{day} de {name} de {year}",
        f"{'1º' if day == 1 else day} {name} {year}",
    )[language]


def _dates(rng: random.Random, split: Split) -> Made:
    while True:
        year = rng.randint(1950, 2049) if rng.random() < 0.8 else rng.randint(1700, 2099)
        month = rng.randint(1, 12)
        day = rng.randint(1, 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)
        iso = f"{year}-{month:02d}-{day:02d}"
        if held_out(iso) == (split == "test"):
            break
    source, target = rng.sample(range(5), 2)
    thought = f"{LANGUAGES[target]}: {day}, {MONTHS[0][month - 1]}, {year}"
    answer = date_text(target, year, month, day)
    draw = rng.random()
    if draw < 0.5:
        return _request(rng, DATE, iso, target), answer, thought, iso
    text = date_text(source, year, month, day)
    if source == 0 and rng.random() < 0.4:
        text = f"{day} {MONTHS[0][month - 1]} {year}"
    if draw < 0.7:
        return rng.choice(ISO).format(n=text), iso, f"ISO: {day}, {MONTHS[0][month - 1]}, {year}", iso
    return _request(rng, DATE, text, target), answer, thought, iso


def _which(rng: random.Random, split: Split) -> Made:
    while True:
        row = rng.choice(PHRASES)
        language = rng.randrange(5)
        key = f"{row[0]}: which, {LANGUAGES[language]}"
        if held_out(key) == (split == "test") and clear(row, language):
            break
    text = row[language]
    asked = rng.choice(WHICH).format(q=_quoted(rng, text), x=text)
    return asked, LANGUAGES[language], row[0], key


def _greetings(rng: random.Random, split: Split) -> tuple[Made, str]:
    language, seen, unseen, answer, word = rng.choice(GREETINGS[:4] if rng.random() < 0.5 else GREETINGS)
    asked = rng.choice((unseen if split == "test" else seen).split("|"))
    return (asked, answer, f"{LANGUAGES[language]}.", asked), word


def _dates_and_names(rng: random.Random, split: Split) -> list[Made]:
    """Dates, and the names of months and days."""
    return _entry(rng, split, CALENDAR, TRANSLATE, False) if rng.random() < 0.25 else [_dates(rng, split)]


def _row(rng: random.Random, source: int, target: int) -> tuple[str, Row]:
    """A kind and a line of the phrase book that training may translate from the one language to the other."""
    while True:
        kind, rows = rng.choice((("phrases", PHRASES), ("words", WORDS), ("words", WORDS)))
        row = rng.choice(rows)
        if clear(row, source) and not held_out(pair_key(row, source, target)):
            return kind, row


def _said(
    rng: random.Random, templates: list[str], voice: int, text: str, target: int, source: int | None = None
) -> str:
    """A request of training; in English the languages often stand in small letters, and so may everything."""
    names = NAMES[voice]
    small = voice == 0 and rng.random() < 0.35
    into, out_of = names[target], names[source or 0]
    asked = rng.choice(templates).format(
        q=_quoted(rng, text), x=text, n=text, l=into.lower() if small else into, s=out_of.lower() if small else out_of
    )
    if rng.random() < 0.2:
        asked = asked.rstrip(" ?.")
    return asked.lower() if small and rng.random() < 0.3 else asked


def _ordered(rng: random.Random) -> tuple[str, list[Made]]:
    """A translation asked for in other wordings."""
    voice, (source, target) = _voice(rng), _pair(rng)
    if rng.random() < 0.12:
        return "numbers", [_ordered_number(rng, voice, target)]
    kind, row = _row(rng, source, target)
    text = _loose(rng, row[source])
    templates = WORD_ORDERS if kind == "words" and voice == 0 and rng.random() < 0.4 else ORDERS[voice]
    asked = _said(rng, templates, voice, text, target, source)
    return kind, [(asked, row[target], f"{LANGUAGES[target]}: {row[0]}", pair_key(row, source, target))]


def _ordered_number(rng: random.Random, voice: int, target: int) -> Made:
    while True:
        n = rng.randrange(*rng.choice(((0, 100), (0, 1000))))
        if not number_words.number_held_out(n):
            break
    templates = WORD_ORDERS if voice == 0 and rng.random() < 0.3 else ORDERS[voice]
    asked = _said(rng, templates, voice, str(n), target)
    return asked, number_words.WORDS[target](n), f"{LANGUAGES[target]}: {parts(n)}", f"number {n}"


def _meant(rng: random.Random) -> tuple[str, list[Made]]:
    """What a foreign text means, in the language of the question."""
    target = _voice(rng)
    source = rng.choice([language for language in range(5) if language != target])
    while True:
        kind, row = _row(rng, source, target)
        if row[source].lower() != row[target].lower():
            break
    asked = _said(rng, MEANING[target], target, _loose(rng, row[source]), target, source)
    return kind, [(asked, row[target], f"{LANGUAGES[target]}: {row[0]}", pair_key(row, source, target))]


def _interpreted(rng: random.Random) -> tuple[str, list[Made], str]:
    """Bare texts, and the system prompt that has them translated."""
    source, target = _pair(rng)
    voice = _voice(rng)
    asked = _said(rng, INTERPRETER[voice], voice, "", target, source)
    kind, row = _row(rng, source, target)
    made = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        text = _loose(rng, row[source])
        made.append((text, row[target], f"{LANGUAGES[target]}: {row[0]}", pair_key(row, source, target)))
        _, row = _row(rng, source, target)
    return kind, made, asked


def date_forms(year: int, month: int, day: int) -> tuple[str, ...]:
    """A date as it is written in English, the month first where there are only digits; and with German dots."""
    name = MONTHS[0][month - 1]
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return (
        f"{name} {day}, {year}",
        f"{name} {day} {year}",
        f"{name} {day}{ending}, {year}",
        f"{name[:3]} {day}, {year}",
        f"{day} {name} {year}",
        f"{month:02d}/{day:02d}/{year}",
        f"{month}/{day}/{year}",
        f"{day:02d}.{month:02d}.{year}",
    )


DATE_FORM_WEIGHTS = (8, 2, 2, 2, 2, 6, 2, 2)


def _american(rng: random.Random) -> list[Made]:
    """A date as Americans write it, into a language or the ISO form."""
    while True:
        year = rng.randint(1950, 2049) if rng.random() < 0.8 else rng.randint(1700, 2099)
        month, day = rng.randint(1, 12), rng.choice((1, rng.randint(1, 28), rng.randint(1, 28), rng.randint(1, 31)))
        iso = f"{year}-{month:02d}-{day:02d}"
        if day <= (28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31) and not held_out(iso):
            break
    text = rng.choices(date_forms(year, month, day), DATE_FORM_WEIGHTS)[0]
    told = f"{day}, {MONTHS[0][month - 1]}, {year}"
    if rng.random() < 0.3:
        return [(rng.choice(ISO + ISO_ORDERS).format(n=text), iso, f"ISO: {told}", iso)]
    target = rng.randint(0 if text[0].isdigit() else 1, 4)
    asked = _said(rng, DATE[0] + DATE_ORDERS, 0, text, target)
    return [(asked, date_text(target, year, month, day), f"{LANGUAGES[target]}: {told}", iso)]


def _further(rng: random.Random) -> tuple[str, list[Made], str]:
    """A kind, requests in wordings that only training has, and a system prompt, if there is one."""
    draw = rng.random()
    if draw < 0.33:
        return *_ordered(rng), ""
    if draw < 0.58:
        return *_meant(rng), ""
    if draw < 0.83:
        return _interpreted(rng)
    return "dates", _american(rng), ""


TRANSLATIONS = {"phrases": _phrases, "words": _words, "dates": _dates_and_names, "vocabulary": _vocabulary}
MAKERS = {"numbers": _numbers, "which-language": _which}


def _usual(rng: random.Random, split: Split) -> tuple[str, list[Made], str]:
    """A kind, requests of it, and the word that their answer must have, if it is not the whole that counts."""
    kind = rng.choices(KINDS, SHARES[split])[0]
    if kind == "greetings":
        greeting, word = _greetings(rng, split)
        return kind, [greeting], word
    return kind, TRANSLATIONS[kind](rng, split) if kind in TRANSLATIONS else [MAKERS[kind](rng, split)], ""


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """A request in one of the languages, or about them, and its answer; the thought passes through English."""
    word = system = ""
    if split == "train" and rng.random() < FURTHER:
        kind, made, system = _further(rng)
    else:
        kind, made, word = _usual(rng, split)
    messages = [{"role": "system", "content": system}] if system else []
    for asked, answer, thought, _ in made:
        reply = {"role": "assistant", "content": answer}
        if effort == "high":
            reply["reasoning_content"] = thought
        messages += [{"role": "user", "content": asked}, reply]
    return Example(
        ability=NAME,
        kind=kind,
        messages=tuple(messages),
        effort=effort,
        expect={"contains": [word]} if word else {"text": made[-1][1]},
        key=made[0][3],
    )
