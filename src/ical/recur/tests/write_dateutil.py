"""Writes `dateutil.txt`: 2,000 rules from a seeded generator, with their results in python-dateutil.

Usage: `python3 write_dateutil.py >dateutil.txt`

Rules for which dateutil is known to differ from RFC 5545 are not generated: BYSETPOS with
FREQ=WEEKLY, BYWEEKNO without BYDAY or at the turn of a year, weekdays with and without a number in
one BYDAY, and COUNT. A row has DTSTART, the rule, the number of instances after DTSTART (at most
40, within 30 years), the last of them, and the FNV-1a hash of all of them.
"""

import itertools
import random
import signal
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr

ROWS = 2000
MOST = 40
YEARS = 30
SECONDS_A_RULE = 2
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FORM = "%Y%m%dT%H%M%S"


def numbers(seeded, least, most, count):
    chosen = {seeded.randint(least, most) or 1 for _ in range(seeded.randint(1, count))}
    return ",".join(str(number) for number in sorted(chosen))


def weekdays(seeded, nth=0):
    chosen = seeded.sample(WEEKDAYS, seeded.randint(1, 3))
    if nth == 0 or seeded.random() < 0.4:
        return ",".join(chosen)
    return ",".join(f"{seeded.choice([-1, 1]) * seeded.randint(1, nth)}{day}" for day in chosen)


def rule(seeded):
    frequency = seeded.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"])
    maybe = lambda chance: seeded.random() < chance
    parts = [f"FREQ={frequency}"]
    if maybe(0.4):
        parts.append(f"INTERVAL={seeded.randint(1, 40 if frequency in ('HOURLY', 'MINUTELY') else 6)}")
    if maybe(0.3):
        parts.append(f"BYMONTH={numbers(seeded, 1, 12, 4)}")
    weeks = frequency == "YEARLY" and maybe(0.2)
    if weeks:
        parts.append(f"BYWEEKNO={numbers(seeded, 2, 51, 3)}")
    elif frequency != "WEEKLY" and maybe(0.3):
        parts.append(f"BYMONTHDAY={numbers(seeded, -31, 31, 4)}")
    elif frequency == "YEARLY" and maybe(0.3):
        parts.append(f"BYYEARDAY={numbers(seeded, -366, 366, 5)}")
    if weeks or maybe(0.4):
        nth = {"YEARLY": 20, "MONTHLY": 5}.get(frequency, 0)
        parts.append(f"BYDAY={weekdays(seeded, 0 if weeks else nth)}")
    if maybe(0.25):
        parts.append(f"BYHOUR={numbers(seeded, 0, 23, 3)}")
    if maybe(0.2):
        parts.append(f"BYMINUTE={numbers(seeded, 0, 59, 3)}")
    if len(parts) > 2 and not weeks and frequency in ("YEARLY", "MONTHLY", "DAILY") and maybe(0.3):
        parts.append(f"BYSETPOS={numbers(seeded, -3, 3, 2)}")
    if maybe(0.3):
        parts.append(f"WKST={seeded.choice(WEEKDAYS)}")
    return ";".join(parts)


def times(text, start):
    end = start + timedelta(days=366 * YEARS)
    found = itertools.takewhile(lambda time: time < end, rrulestr(text, dtstart=start))
    return list(itertools.islice((time for time in found if time != start), MOST))


def fnv(text):
    state = 0xCBF29CE484222325
    for octet in text.encode():
        state = (state ^ octet) * 0x100000001B3 % 2**64
    return state


def too_long(*_):
    raise TimeoutError


def main():
    seeded = random.Random(5545)
    signal.signal(signal.SIGALRM, too_long)
    rows = 0
    while rows < ROWS:
        start = datetime(1990, 1, 1) + timedelta(hours=seeded.randrange(24 * 365 * 30), minutes=seeded.choice([0, 30]))
        text = rule(seeded)
        signal.alarm(SECONDS_A_RULE)
        try:
            found = [time.strftime(FORM) for time in times(text, start)]
        except (IndexError, ValueError, TimeoutError):
            continue  # dateutil fails on a weekday that a month does not have, and on a rule without instances
        finally:
            signal.alarm(0)
        rows += 1
        last = found[-1] if found else "-"
        print(start.strftime(FORM), text, len(found), last, f"{fnv(' '.join(found)):016x}")


main()
