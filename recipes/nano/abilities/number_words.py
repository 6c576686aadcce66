"""Numbers from 0 to 9,999 in words, in five languages."""

from __future__ import annotations

from recipes.nano.abilities.split import held_out

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_FR = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
).split()
_FR_TENS = "vingt trente quarante cinquante soixante".split()
_DE = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn"
).split()
_DE_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_ES = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
).split()
_ES_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_ES_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()
_IT = (
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove"
).split()
_IT_TENS = "venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split()


def english(n: int) -> str:
    """``342`` is ``three hundred forty-two``."""
    if n < 20:
        return _EN[n]
    if n < 100:
        tens, unit = divmod(n, 10)
        return _EN_TENS[tens - 2] + (f"-{_EN[unit]}" if unit else "")
    size, name = (1000, "thousand") if n >= 1000 else (100, "hundred")
    head, rest = divmod(n, size)
    return f"{english(head)} {name}" + (f" {english(rest)}" if rest else "")


def french(n: int) -> str:
    """``80`` is ``quatre-vingts``, ``71`` is ``soixante et onze``."""
    if n < 20:
        return _FR[n]
    if n < 70:
        tens, unit = divmod(n, 10)
        return _FR_TENS[tens - 2] + (" et un" if unit == 1 else f"-{_FR[unit]}" if unit else "")
    if n < 80:
        return "soixante et onze" if n == 71 else f"soixante-{_FR[n - 60]}"
    if n < 100:
        return "quatre-vingts" if n == 80 else f"quatre-vingt-{_FR[n - 80]}"
    if n < 1000:
        hundreds, rest = divmod(n, 100)
        head = "cent" if hundreds == 1 else f"{_FR[hundreds]} cent"
        return f"{head} {french(rest)}" if rest else head + ("s" if hundreds > 1 else "")
    thousands, rest = divmod(n, 1000)
    head = "mille" if thousands == 1 else f"{_FR[thousands]} mille"
    return f"{head} {french(rest)}" if rest else head


def german(n: int) -> str:
    """``21`` is ``einundzwanzig``."""
    if n < 20:
        return _DE[n]
    if n < 100:
        tens, unit = divmod(n, 10)
        ones = "ein" if unit == 1 else _DE[unit]
        return (f"{ones}und" if unit else "") + _DE_TENS[tens - 2]
    size, name = (1000, "tausend") if n >= 1000 else (100, "hundert")
    head, rest = divmod(n, size)
    return ("ein" if head == 1 else _DE[head]) + name + (german(rest) if rest else "")


def spanish(n: int) -> str:
    """``16`` is ``dieciséis``, ``31`` is ``treinta y uno``."""
    if n < 30:
        return _ES[n]
    if n < 100:
        tens, unit = divmod(n, 10)
        return _ES_TENS[tens - 3] + (f" y {_ES[unit]}" if unit else "")
    if n == 100:
        return "cien"
    if n < 1000:
        hundreds, rest = divmod(n, 100)
        return _ES_HUNDREDS[hundreds - 1] + (f" {spanish(rest)}" if rest else "")
    thousands, rest = divmod(n, 1000)
    head = "mil" if thousands == 1 else f"{_ES[thousands]} mil"
    return f"{head} {spanish(rest)}" if rest else head


def italian(n: int) -> str:
    """``28`` is ``ventotto``, ``23`` is ``ventitré``."""
    word = _italian(n)
    return word[:-1] + "é" if n > 3 and word.endswith("tre") else word


def _italian(n: int) -> str:
    if n < 20:
        return _IT[n]
    if n < 100:
        tens, unit = divmod(n, 10)
        head = _IT_TENS[tens - 2]
        return (head[:-1] if unit in (1, 8) else head) + (_IT[unit] if unit else "")
    if n < 1000:
        hundreds, rest = divmod(n, 100)
        head = "cento" if hundreds == 1 else f"{_IT[hundreds]}cento"
        if rest == 8 or 80 <= rest < 90:  # centotto, centottanta
            head = head[:-1]
        return head + (_italian(rest) if rest else "")
    thousands, rest = divmod(n, 1000)
    head = "mille" if thousands == 1 else f"{_IT[thousands]}mila"
    return head + (_italian(rest) if rest else "")


WORDS = (english, french, german, spanish, italian)
"""In the order of ``phrase_book.LANGUAGES``."""


def number_held_out(n: int) -> bool:
    """Numbers below 100 and whole hundreds are the vocabulary, which training must see."""
    return n > 100 and n % 100 > 0 and held_out(f"number {n}")
