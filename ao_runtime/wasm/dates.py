"""Dates, as a module's C library asks for them: seconds since 1970 ↔ `struct tm`, and `strftime`; always UTC."""

from __future__ import annotations

from dataclasses import astuple, dataclass

__all__ = ["Moment", "format_moment", "from_seconds", "to_seconds"]

#: Seconds that a date of the network's loader can be away from 1970.
_FAR = 8_640_000_000_000
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass
class Moment:
    """The fields of `struct tm`, in its order; months and days of the week and year count from 0, years from 1900."""

    second: int = 0
    minute: int = 0
    hour: int = 0
    day: int = 0
    month: int = 0
    year: int = 0
    week_day: int = 0
    year_day: int = 0
    dst: int = 0

    def fields(self) -> tuple[int, ...]:
        """All nine."""
        return astuple(self)


def _days_before(year: int) -> int:
    """Days from 1970 to a year's first, by the calendar of today in all times."""
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 - 719162


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month_lengths(year: int) -> list[int]:
    return [31, 29 if _is_leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def from_seconds(seconds: int) -> Moment:
    """The moment so many seconds after 1970 began; all zeros where that is too far away."""
    if abs(seconds) > _FAR:
        return Moment()
    days, rest = divmod(seconds, 86400)
    # A year's length on the average; the first guess is off by one year at most.
    year = 1970 + days * 400 // 146097
    while _days_before(year + 1) <= days:
        year += 1
    while _days_before(year) > days:
        year -= 1
    year_day = days - _days_before(year)
    month, day = 0, year_day
    for length in _month_lengths(year):
        if day < length:
            break
        day -= length
        month += 1
    hour, rest = divmod(rest, 3600)
    return Moment(rest % 60, rest // 60, hour, day + 1, month, year - 1900, (days + 4) % 7, year_day)


def to_seconds(moment: Moment) -> int:
    """Seconds since 1970 began; fields beyond their range carry over."""
    year, month = moment.year + 1900 + moment.month // 12, moment.month % 12
    days = _days_before(year) + sum(_month_lengths(year)[:month]) + moment.day - 1
    return ((days * 24 + moment.hour) * 60 + moment.minute) * 60 + moment.second


def _iso(moment: Moment) -> tuple[int, int]:
    """Year and week that a day belongs to, by ISO 8601."""
    year = moment.year + 1900
    week = (moment.year_day - (moment.week_day - 1) % 7 + 10) // 7
    if week < 1:
        year -= 1
        return year, _weeks(year)
    if week > _weeks(year):
        return year + 1, 1
    return year, week


def _weeks(year: int) -> int:
    first = (_days_before(year) + 3) % 7  # Monday is 0
    return 53 if first == 3 or (first == 2 and _is_leap(year)) else 52


_COMPOSED = {
    "c": "%a %b %d %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "h": "%b",
    "r": "%I:%M:%S %p",
    "R": "%H:%M",
    "T": "%H:%M:%S",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
}


def format_moment(pattern: str, moment: Moment) -> str:
    """What `strftime` makes of a pattern, in the C locale."""
    parts = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char != "%" or at >= len(pattern):
            parts.append(char)
            continue
        letter = pattern[at]
        at += 1
        if letter in "EO" and at < len(pattern):
            letter = pattern[at]
            at += 1
        if letter in _COMPOSED:
            parts.append(format_moment(_COMPOSED[letter], moment))
        else:
            parts.append(_field(letter, moment))
    return "".join(parts)


def _name(names: tuple[str, ...], index: int) -> str:
    return names[index] if 0 <= index < len(names) else "?"


def _field(letter: str, moment: Moment) -> str:
    year = moment.year + 1900
    half = moment.hour % 12 or 12
    numbers = {
        "C": (year // 100, 2),
        "d": (moment.day, 2),
        "g": (_iso(moment)[0] % 100, 2),
        "H": (moment.hour, 2),
        "I": (half, 2),
        "j": (moment.year_day + 1, 3),
        "m": (moment.month + 1, 2),
        "M": (moment.minute, 2),
        "S": (moment.second, 2),
        "U": ((moment.year_day + 7 - moment.week_day) // 7, 2),
        "V": (_iso(moment)[1], 2),
        "W": ((moment.year_day + 7 - (moment.week_day - 1) % 7) // 7, 2),
        "y": (year % 100, 2),
    }
    if letter in numbers:
        value, width = numbers[letter]
        return f"{value:0{width}d}"
    texts = {
        "a": _name(_DAYS, moment.week_day)[:3],
        "A": _name(_DAYS, moment.week_day),
        "b": _name(_MONTHS, moment.month)[:3],
        "B": _name(_MONTHS, moment.month),
        "e": f"{moment.day:2d}",
        "G": str(_iso(moment)[0]),
        "n": "\n",
        "p": "AM" if moment.hour < 12 else "PM",
        "t": "\t",
        "u": str(moment.week_day or 7),
        "w": str(moment.week_day),
        "Y": str(year),
        "z": "+0000",
        "Z": "",
        "%": "%",
    }
    return texts.get(letter, f"%{letter}")
