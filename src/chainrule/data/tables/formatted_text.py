"""Text that people wrote for people: amounts such as $19,569.67 and 19%, and dates such as 05/24/2019."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np

from chainrule.data.tables.iso_dates import spells_date
from chainrule.data.tables.spelled_numbers import spells_number
from chainrule.data.tables.text_column import TextColumn

__all__ = ["FormattedText", "find_formatted_column", "find_formatted_text"]

LOOKED_AT = 200
"""So many labels are looked at; the others are likely to be like them."""

MANY = 5
"""How many different labels there must be; with fewer, they are likely to be names of categories."""

FEWEST_FORMATTED = 0.1
"""The share of the labels that must be more than plain numbers, which amounts below 1,000 often are."""

LONGEST = 60
"""Characters of a label; what is longer is no amount and no date."""

SIGNS = "[$€£¥₹₽₩₺₫฿¢]"
CODES = "USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RUB|BRL|MXN|KRW|ZAR|SGD|HKD|TRY|THB|IDR"
CURRENCY = rf"(?:{SIGNS}|(?:US|CA|AU|NZ|HK|R)\$|{CODES}|Rs\.?|kr\.?|zł)"
DIGITS = r"(?:[1-9]\d{0,2}(?:[.,'\u2019 \u00a0\u202f]\d{2,3})*[.,'\u2019 \u00a0\u202f]\d{3}|\d+)(?:[.,]\d+)?"
UNIT = r"(?:[%‰°]|[^\W\d_](?:[^\W\d_]|[/²³°.])*)"
AMOUNT = re.compile(
    rf"\(?[-+\u2212~]?\s*(?:{CURRENCY}\s*)?[-+\u2212]?{DIGITS}(?:\s*(?:{SIGNS}|(?P<unit>{UNIT})))?(?:,?-+)?\)?"
)
ORDINALS = {"st", "nd", "rd", "th"}

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
TIME = r"(?:[T,]?\s*\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|[+-]\d\d:?\d\d)?)?"
DATE = re.compile(
    rf"{WEEKDAY}(?:"
    r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)"
    r"|\d{4}([./-])\d{1,2}\2\d{1,2}"
    rf"|{MONTH}\s*\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?[ -]?{MONTH}[ ,-]*(?:\d{{4}}|\d\d)"
    rf"|{MONTH}[ -]+\d{{4}}"
    rf"){TIME}",
    re.IGNORECASE,
)


class FormattedText(NamedTuple):
    """What the labels of a column look like.

    Attributes
    ----------
    looks_like : str
        ``"amounts"`` or ``"dates"``.
    example : str
        The first label that looks so and that no number, and no ISO date, is written like.
    """

    looks_like: Literal["amounts", "dates"]
    example: str

    @property
    def plain(self) -> str:
        """What to write in their place."""
        return "plain numbers" if self.looks_like == "amounts" else "dates such as 2024-02-29"

    def __str__(self) -> str:
        return f"text that looks like {self.looks_like} ({self.example!r})"


def find_formatted_column(text: TextColumn) -> FormattedText | None:
    """What the first labels of a column look like, in the order of the rows, as `find_formatted_text`.

    None for a column that was declared to be of categories.
    """
    if text.categorical:
        return None
    backwards = text.codes[::-1]
    first_row = np.full(len(text.labels) + 1, len(text), np.intp)
    first_row[backwards] = np.arange(len(text))[::-1]  # of several rows the last is kept, which is the first of all
    codes = np.argsort(first_row[:-1], kind="stable")[:LOOKED_AT].tolist()
    return find_formatted_text(text.labels[code] for code in codes if first_row[code] < len(text))


def find_formatted_text(labels: Iterable[str]) -> FormattedText | None:
    """What most of the labels look like, if it is amounts, or dates that are not written as ISO 8601 has them.

    Parameters
    ----------
    labels : iterable of str
        The different labels of a column; the first 200 are looked at.

    Returns
    -------
    FormattedText or None
        None where they look like neither, or there are fewer than five.

    Examples
    --------
    >>> print(find_formatted_text(["$19,569.67", "$812.00", "$1,000", "$77.10", "$2,450.99"]))
    text that looks like amounts ('$19,569.67')
    >>> find_formatted_text(["red", "blue", "green", "white", "black"])
    """
    some = [label.strip() for label in islice(labels, LOOKED_AT)]
    if len(some) < MANY:
        return None
    dates = [label for label in some if len(label) <= LONGEST and DATE.fullmatch(label) and not spells_date(label)]
    if 2 * len(dates) > len(some):
        return FormattedText("dates", dates[0])
    numbers = sum(map(spells_number, some))
    amounts = _amounts([label for label in some if not spells_number(label)])
    if 2 * (len(amounts) + numbers) > len(some) and len(amounts) >= FEWEST_FORMATTED * len(some):
        return FormattedText("amounts", amounts[0])
    return None


def _amounts(labels: list[str]) -> list[str]:
    """Those that are an amount. Letters after a number are a unit only where most of them are the same ones.

    The doors 1A, 1B and 2A have no unit, nor have ordinals such as 1st.
    """
    found = [(label, match) for label in labels if len(label) <= LONGEST and (match := AMOUNT.fullmatch(label))]
    units = Counter((match["unit"] or "").lower() for _, match in found)
    lettered = {unit: n for unit, n in units.items() if unit[:1].isalpha()}
    no_units = 2 * max(lettered.values(), default=0) <= sum(lettered.values()) or bool(lettered.keys() & ORDINALS)
    return [label for label, match in found if not (no_units and (match["unit"] or "")[:1].isalpha())]
