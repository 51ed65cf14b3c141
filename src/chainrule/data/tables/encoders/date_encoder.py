"""Columns of dates: how far along, and where in the year, the month, the week and the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from chainrule.data.tables.encoders.column_encoder import (
    ColumnEncoder,
    Writer,
    checked_flag,
    checked_text,
    checked_texts,
)
from chainrule.data.tables.encoders.dropped_column import DroppedColumn
from chainrule.data.tables.encoders.presence_encoder import without_variation
from chainrule.data.tables.reading import as_dates
from chainrule.data.tables.robust_scaling import center_and_spread, scaled
from chainrule.data.tables.table import Column
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.validation import finite_number

__all__ = ["DateEncoder"]

CYCLES = ("year", "month", "day")
"""Parts that come round again, each a point on a circle, so that December is next to January."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

TICKS_PER_DAY = {"h": 24, "m": 1440, "s": 86400, "ms": 86400 * 10**3, "us": 86400 * 10**6, "ns": 86400 * 10**9}

FAR = 10**7
"""Days from 1970 beyond which all dates are one; NumPy's calendar cannot count much further."""


@dataclass(frozen=True)
class DateEncoder(ColumnEncoder):
    """How far along a date is, as a number is encoded; and those parts of it that vary among the training rows.

    The place in the year, in the month and in the day is a point on a circle (its sine and cosine); the day of the week
    is one-hot.

    Parameters
    ----------
    column : str
        Its name.
    center, spread : float
        In days since 1970, as for numbers.
    cycles : tuple of str
        Those of ``"year"``, ``"month"`` and ``"day"`` that are used.
    weekdays : tuple of str
        English names of those that are told apart; none where all rows have one.
    missing : bool
        Whether there is an indicator of missing dates, after all others.
    smooth_clip : bool
        Whether the first number is clipped smoothly.

    Raises
    ------
    InvalidArgument
        For an unknown cycle or weekday.
    """

    name = "date"

    column: str
    center: float
    spread: float
    cycles: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    missing: bool = False
    smooth_clip: bool = True

    def __post_init__(self) -> None:
        checked_text("The name of a column", self.column)
        object.__setattr__(self, "center", finite_number("A center", self.center))
        object.__setattr__(self, "spread", finite_number("A spread", self.spread, above=0))
        for field, known in (("cycles", CYCLES), ("weekdays", WEEKDAYS)):
            given = checked_texts(field, getattr(self, field))
            if unknown := set(given) - set(known):
                raise InvalidArgument(f"{field} are of {', '.join(known)}, not {', '.join(sorted(unknown))}.")
            object.__setattr__(self, field, given)
        checked_flag("missing", self.missing)
        checked_flag("smooth_clip", self.smooth_clip)

    @classmethod
    def fitted(cls, column: str, dates: Array, *, smooth_clip: bool = True) -> ColumnEncoder:
        """From the dates (datetime64) of the training rows; what is left of them where they do not vary."""
        gaps = np.isnat(dates)
        has_gaps = bool(gaps.any())
        values = dates[~gaps] if has_gaps else dates
        if len(values) == 0:
            return DroppedColumn(column, "it has no values")
        days, part_of_day = _days(values)
        found = center_and_spread(days + part_of_day)
        if found is None:
            return without_variation(column, str(values[0]), gaps=has_gaps)
        # Places in the year are told apart by month: a few days of one month say no more than how far along they are.
        months, days_of_month = _month_and_day(days)
        varying = {"year": months, "month": days_of_month, "day": part_of_day}
        cycles = tuple(name for name in CYCLES if varying[name].min() != varying[name].max())
        weekdays = np.unique(_weekday(days)).tolist()
        seen = tuple(WEEKDAYS[number] for number in weekdays) if len(weekdays) > 1 else ()
        return cls(column, *found, cycles, seen, has_gaps, smooth_clip)

    @property
    def output_names(self) -> tuple[str, ...]:
        circles = [f"{self.column} {cycle} {axis}" for cycle in self.cycles for axis in ("sine", "cosine")]
        weekdays = [f"{self.column}={weekday}" for weekday in self.weekdays]
        return (self.column, *circles, *weekdays, *[f"{self.column} missing"] * self.missing)

    @property
    def becomes(self) -> str:
        center = np.datetime64("1970-01-01") + np.timedelta64(int(np.clip(self.center, -FAR, FAR)), "D")
        parts = [f"(days since {center}) / {self.spread:g}{', clipped smoothly' if self.smooth_clip else ''}"]
        parts += [f"place in the {', the '.join(self.cycles)} (sine, cosine)"] * bool(self.cycles)
        parts += [f"weekday (one-hot of {len(self.weekdays)})"] * bool(self.weekdays)
        return "; ".join(parts + ["missing or not"] * self.missing)

    def writer(self, cells: Column) -> Writer:
        dates = as_dates(self.column, cells)

        def write(start: int, stop: int, out: Array) -> None:
            gaps = np.isnat(dates[start:stop])
            self._write_dates(dates[start:stop], out)
            out[gaps] = 0
            if self.missing:
                out[:, -1] = gaps

        return write

    def _write_dates(self, dates: Array, out: Array) -> None:
        days, part_of_day = _days(dates)
        out[:, 0] = scaled(days + part_of_day, self.center, self.spread, smooth_clip=self.smooth_clip)
        place = 1
        for cycle in self.cycles:
            angle = 2 * np.pi * _turn(cycle, days, part_of_day)
            out[:, place], out[:, place + 1] = np.sin(angle), np.cos(angle)
            place += 2
        if self.weekdays:
            number = _weekday(days)
            for weekday in self.weekdays:
                out[:, place] = number == WEEKDAYS.index(weekday)
                place += 1


def _days(dates: Array) -> tuple[Array, Array]:
    """Whole days since 1970, and the part of the day that has passed, in [0, 1)."""
    unit, count = np.datetime_data(dates.dtype)
    if unit in ("Y", "M", "W", "D"):
        near = np.clip(dates.astype(np.int64), -FAR, FAR).astype(dates.dtype)  # the furthest weeks overflow as days
        return np.clip(near.astype("datetime64[D]").astype(np.int64), -FAR, FAR), np.zeros(len(dates))
    if unit in ("ps", "fs", "as"):
        unit, dates = "ns", dates.astype("datetime64[ns]")  # no calendar of NumPy's is as fine
    elif count != 1:
        dates = dates.astype(f"datetime64[{unit}]")
    days, ticks = np.divmod(dates.astype(np.int64), TICKS_PER_DAY[unit])
    return np.clip(days, -FAR, FAR), ticks / TICKS_PER_DAY[unit]


def _month_and_day(days: Array) -> tuple[Array, Array]:
    """The month of the year from 0, and the day of the month from 0."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64) % 12, (dates - months).astype(np.int64)


def _turn(cycle: str, days: Array, part_of_day: Array) -> Array:
    """How much of the year, the month or the day has passed, from 0 to 1."""
    if cycle == "day":
        return part_of_day
    dates = days.astype("datetime64[D]")
    unit: Literal["Y", "M"] = "Y" if cycle == "year" else "M"
    period = dates.astype(f"datetime64[{unit}]")
    following = period + np.timedelta64(1, unit)
    first, next_first = (each.astype("datetime64[D]").astype(np.int64) for each in (period, following))
    turn: Array = (days - first + part_of_day) / (next_first - first)
    return turn


def _weekday(days: Array) -> Array:
    """0 for Monday; 1970 began on a Thursday."""
    weekday: Array = (days + 3) % 7
    return weekday
