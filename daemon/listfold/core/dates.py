"""Reads dates as mail writes them: RFC 5322, its obsolete forms, zone names and what broken clocks add."""

import re
from datetime import datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

MAX_DATE = 200  # characters of a date field that are looked at: more is not a date
EARLIEST = 31536000  # 1971: a year of 1970 is a clock that was never set
LATEST = 4102444800  # 2100
EPOCH = datetime(1970, 1, 1)
SECOND = timedelta(seconds=1)
MAX_OFFSET = 15 * 3600  # no zone is farther from UTC than 14 hours

# Zone names and their hours east of UTC; of names with two meanings the one that mail most often has.
_ZONES = """
    UT 0  UTC 0  GMT 0  Z 0  WET 0  WEST 1  BST 1  IST 5.5  CET 1  MET 1  MEZ 1  CEST 2  MEST 2  MESZ 2  SST 2  EET 2
    EEST 3  SAST 2  CAT 2  EAT 3  MSK 3  MSD 4  GST 4  PKT 5  YEKT 5  OMST 6  NOVT 7  KRAT 7  ICT 7  WIB 7  HKT 8
    SGT 8  AWST 8  PHT 8  JST 9  KST 9  ACST 9.5  ACDT 10.5  AEST 10  AEDT 11  NZST 12  NZDT 13  NZT 12  HST -10
    HDT -9  AKST -9  AKDT -8  NST -3.5  NDT -2.5  ART -3  BRT -3  BRST -2  CLT -4  CLST -3  COT -5  PET -5  VET -4
    UYT -3  AST -4  ADT -3  EST -5  EDT -4  CST -6  CDT -5  MST -7  MDT -6  PST -8  PDT -7
"""
ZONES = {name: int(float(hours) * 3600) for name, hours in zip(_ZONES.split()[::2], _ZONES.split()[1::2], strict=True)}

_UTC = re.compile(r"\+0000\b|\b(?:GMT|UTC?)\b", re.IGNORECASE)
_NAME = re.compile(r"\b([A-Z]{1,5})\b\)?\s*(\d{4})?\s*$")


@lru_cache(maxsize=16)  # a letter's dates are asked for by more than one
def parse_date(value: str) -> tuple[int, str | None] | None:
    """(seconds since 1970, offset as "-0700" or None when the field names no zone), or None for what is no date."""
    value = value.strip()[:MAX_DATE]
    try:
        parsed = parsedate_tz(value)
        if parsed is None:
            return None
        year, month, day, hour, minute, second = parsed[:6]
        local = (datetime(year, month, day, hour, minute, min(second, 59)) - EPOCH) // SECOND
        zone = parsed[9]
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if (
        not zone
    ):  # parsedate_tz has 0 for UTC, for "-0000" (RFC 5322 3.3: no zone is told) and for what it does not know
        name = _NAME.search(value)
        zone = ZONES.get(name[1]) if name is not None else (0 if _UTC.search(value) else None)
    if zone is None or abs(zone) > MAX_OFFSET:
        return local, None
    sign, minutes = "-" if zone < 0 else "+", abs(zone) // 60
    return local - zone, f"{sign}{minutes // 60:02d}{minutes % 60:02d}"


def sane(seconds: int) -> bool:
    return EARLIEST <= seconds < LATEST
