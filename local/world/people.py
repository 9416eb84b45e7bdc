"""Rows of languages, currencies and where they are used: ISO 639-3 (pycountry), ISO 4217 and CLDR (babel)."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pycountry
from babel import Locale
from babel.core import get_global
from babel.languages import get_territory_language_info
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_precision

from local.world.places import geonames_countries
from local.world.rows import Row

SCOPES = {"I": "individual", "M": "macrolanguage", "S": "special"}
KINDS = {"L": "living", "H": "historical", "E": "extinct", "C": "constructed", "S": "special"}
STATUSES = {
    "official": "official",
    "de_facto_official": "de facto official",
    "official_regional": "regionally official",
}


def languages() -> Iterator[Row]:
    """code, code2, name, native_name, scope, kind"""
    localised = frozenset(locale_identifiers())
    for one in pycountry.languages:
        code2 = getattr(one, "alpha_2", None)
        name = Locale(code2).languages.get(code2) if code2 in localised else None
        yield one.alpha_3, code2, one.name, name, SCOPES[one.scope], KINDS[one.type]


def country_languages() -> Iterator[Row]:
    """country_code, language_code, share, status; a language in two scripts has one row, with the larger share"""
    for country in geonames_countries():
        found: dict[str, tuple[Decimal, str | None]] = {}
        for tag, facts in get_territory_language_info(country).items():
            code = _language_code(tag.partition("_")[0])
            share = min(Decimal(str(facts["population_percent"])), Decimal(100))
            if code is not None and (code not in found or found[code][0] < share):
                found[code] = (share, STATUSES.get(str(facts["official_status"])))
        for code, (share, status) in found.items():
            yield country, code, share, status


def currencies() -> Iterator[Row]:
    """code, name, symbol, decimal_digits, in_use"""
    english = Locale("en")
    in_use = {one.alpha_3: one.name for one in pycountry.currencies}
    codes = {code for country in geonames_countries() for code in _currencies_of(country)} | in_use.keys()
    for code in sorted(codes):
        name = english.currencies.get(code) or in_use.get(code) or code
        symbol = english.currency_symbols.get(code, code)
        yield code, name, symbol, get_currency_precision(code), code in in_use


def country_currencies() -> Iterator[Row]:
    """country_code, currency_code, valid_from, valid_until, legal_tender; the latest period if there were several"""
    for country in geonames_countries():
        for code, (start, end, tender) in _currencies_of(country).items():
            yield country, code, start, end, tender


Validity = tuple[dt.date | None, dt.date | None, bool]


def _currencies_of(country: str) -> dict[str, Validity]:
    found: dict[str, Validity] = {}
    for code, start, end, tender in get_global("territory_currencies").get(country, ()):
        found[code] = (start and dt.date(*start), end and dt.date(*end), tender)
    return found


def _language_code(tag: str) -> str | None:
    """The ISO 639-3 code of a CLDR language, whose code has two letters if such a code exists."""
    one = pycountry.languages.get(alpha_2=tag) if len(tag) == 2 else pycountry.languages.get(alpha_3=tag)
    return one.alpha_3 if one is not None else None
