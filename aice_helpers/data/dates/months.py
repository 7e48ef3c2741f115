"""Names of months in the languages of spreadsheets (Unicode's locale data, with what spreadsheets write besides)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "ca", "nl", "sv", "da", "nb", "nn", "is", "fi", "et", "lv", "lt", "pl", "cs", "sk", "hu",
    "ro", "hr", "sl", "bs", "bg", "ru", "uk", "sr", "mk", "tr", "el", "id", "ms", "vi", "th", "he", "ar", "hi", "fa",
)  # fmt: skip

_BESIDES = {
    "en": {"sept": 9}, "de": {"mrz": 3, "jän": 1, "jänner": 1, "feber": 2, "maerz": 3, "sep": 9, "jun": 6, "jul": 7},
    "fr": {"jan": 1, "fev": 2, "avr": 4, "juil": 7, "sep": 9, "aou": 8}, "es": {"set": 9, "setiembre": 9, "sep": 9},
    "nl": {"maa": 3, "mar": 3, "febr": 2, "sept": 9}, "da": {"juni": 6, "juli": 7}, "sv": {"mar": 3, "jun": 6, "jul": 7},
    "nb": {"mar": 3, "jun": 6, "jul": 7}, "pt": {"sept": 9},
    "": {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12},
}  # fmt: skip
"""Language -> abbreviations that Unicode's data lack; under "" the Roman numerals, which belong to no language."""


def plain_name(text) -> str:
    """A word as it is looked up: small letters without accents and dots.

    >>> plain_name("FÉVR."), plain_name("Ağu"), plain_name("มี.ค.")
    ('fevr', 'agu', 'มีค')
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(letter for letter in text if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFKC", text.replace(".", "").replace("ı", "i").replace("ł", "l"))


@cache
def _names():
    """Plain name -> language -> month, and the plain names of the days of the week."""
    from babel import Locale

    months, days = {}, set()
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in locale.months[context][width].items():
                    words = re.findall(r"[^\d\s]+", plain_name(name))
                    if words and not re.search(r"\d", name):
                        months.setdefault(words[-1], {}).setdefault(language, month)
                days |= {plain_name(name) for name in locale.days[context][width].values()}
    for language, names in _BESIDES.items():
        for name, month in names.items():
            months.setdefault(plain_name(name), {})[language] = month
    return months, days


def month_named(word) -> dict[str, int]:
    """Language -> the month that a word stands for; empty when it is no month.

    >>> month_named("Mrz"), sorted(set(month_named("listopad").values()))
    ({'de': 3}, [10, 11])
    """
    return dict(_names()[0].get(plain_name(word), {}))


def is_weekday(word) -> bool:
    """Whether a word is a day of the week.

    >>> is_weekday("Donnerstag"), is_weekday("Thu"), is_weekday("March")
    (True, True, False)
    """
    return plain_name(word) in _names()[1]
