"""Duties as an iCalendar feed (RFC 5545), for the calendars that people look at."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event, vDuration

PRODUCT = "-//Backoffice//On call//EN"

REFRESH = timedelta(minutes=15)
"""How often calendar programs are asked to look again (RFC 7986, 5.7). Many take hours all the same."""


class Duty(NamedTuple):
    """Who is on duty from an instant until another."""

    starts_at: datetime
    ends_at: datetime
    who: tuple[str, ...]


def feed(schedule: str, duties: Iterable[Duty], stamp: datetime) -> bytes:
    """The duties of a schedule as a calendar; gaps are left out. `stamp`: as of when they are known.

    The same duty has the same UID each time, so that a calendar program moves it instead of showing it twice.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", schedule)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for duty in duties:
        if duty.who:
            calendar.add_component(_event(schedule, duty, stamp))
    text: bytes = calendar.to_ical()
    return text


def _event(schedule: str, duty: Duty, stamp: datetime) -> Event:
    names = ", ".join(duty.who)
    event = Event()
    event.add("uid", f"{schedule}-{duty.starts_at:%Y%m%dT%H%M%SZ}@backoffice")
    event.add("dtstamp", stamp)
    event.add("dtstart", duty.starts_at)
    event.add("dtend", duty.ends_at)
    event.add("summary", f"{schedule}: {names}")
    event.add("transp", "TRANSPARENT")
    return event
