#!/usr/bin/env python3
"""One person's side of a meeting with Evolution's library, unmodified, against a running server.

    session FOLDER play.py http://127.0.0.1:8080/

The program is alice's; bob, of accounts.toml too, acts over plain HTTP. The last line counts the facts; ends with 1 if
one is wrong.
"""

import base64
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

from program import Evolution, ICalGLib

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "trials"))

import facts  # noqa: E402
from facts import confirm as check  # noqa: E402

# 2030-02-01 to 2030-04-01.
SPRING = (1896134400, 1901232000)


def tried(action, *arguments):
    """None, or why it failed."""
    try:
        action(*arguments)
        return None
    except Exception as error:  # noqa: BLE001: what libecal reports is the fact that is checked
        return str(error)


class Bob:
    """Another person, whose program speaks plain HTTP."""

    def __init__(self, url):
        self.url = f"{url}calendars/bob/calendar/"

    def ask(self, method, name, body=None):
        headers = {"Authorization": "Basic " + base64.b64encode(b"bob:bob").decode(), "Content-Type": "text/calendar"}
        request = urllib.request.Request(self.url + name, body and body.encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return re.sub("\r\n[ \t]", "", answer.read().decode())
        except urllib.error.HTTPError as error:
            return f"{error.code} {error.read().decode()}"

    def calendar(self):
        return self.ask("GET", "")

    def meeting(self, uid):
        found = [event for event in self.calendar().split("BEGIN:VEVENT") if f"UID:{uid}\r" in event]
        return "".join(found)


def event(uid, title, extra=""):
    return f"""BEGIN:VEVENT
UID:{uid}
DTSTAMP:20290101T000000Z
SUMMARY:{title}
DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20300207T100000
DTEND;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20300207T110000
CLASS:PUBLIC
TRANSP:OPAQUE
SEQUENCE:2
{extra}BEGIN:VALARM
X-EVOLUTION-ALARM-UID:{uid}
ACTION:DISPLAY
DESCRIPTION:{title}
TRIGGER;VALUE=DURATION;RELATED=START:-PT15M
END:VALARM
END:VEVENT
"""


def invitation(organizer, attendee):
    return (
        f"ORGANIZER;CN={organizer.title()}:MAILTO:{organizer}@example.com\n"
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;LANGUAGE=en:MAILTO:{organizer}@example.com\n"
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:MAILTO:{attendee}@example.com\n"
    )


def partstats(text, person):
    return re.findall(rf"ATTENDEE[^\r\n]*PARTSTAT=([A-Z-]+)[^\r\n]*mailto:{person}@", text, re.I)


def at(time):
    return ICalGLib.Time.new_from_string(time)


def discovery(alice, url):
    print("discovery")
    found = sorted(path for path, _ in alice.discover(url))
    check(f"the calendars are found from the root URL: {found}", sum(path.endswith(("/calendar/", "/tasks/")) for path in found) == 2)


def own_events(calendar):
    print("events")
    calendar.create(event("evo-one", "Dentist"))
    check("an event with a zone and an alarm is stored", "TRIGGER" in calendar.text("evo-one"), calendar.text("evo-one"))
    calendar.change("evo-one", lambda component: component.set_summary("Dentist again"))
    check("it is changed", "Dentist again" in calendar.text("evo-one"), calendar.text("evo-one"))
    calendar.create(event("evo-series", "Stand-up", "RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=TH\n"))
    instances = calendar.instances("evo-series", *SPRING)
    check("a series has its instances", len(instances) == 5, len(instances))

    def move(component):
        start, end = component.get_dtstart(), component.get_dtend()
        start.adjust(0, 3, 0, 0)
        end.adjust(0, 3, 0, 0)
        component.set_dtstart(start)
        component.set_dtend(end)

    failure = tried(calendar.change_instance, instances[1], move)
    moved = calendar.text("evo-series", "20300214T100000")
    check("one instance moves", failure is None and "T130000" in moved, failure or moved)
    failure = tried(calendar.remove, "evo-series", "20300221T100000")
    check("another is removed", failure is None and len(calendar.instances("evo-series", *SPRING)) == 4, failure)
    calendar.remove("evo-one")
    check("an event is removed", calendar.get("evo-one") is None)


def tasks(task_list):
    print("tasks")
    task_list.create("BEGIN:VTODO\nUID:evo-task\nDTSTAMP:20290101T000000Z\nSUMMARY:Report\nDUE;VALUE=DATE:20300212\nPERCENT-COMPLETE:50\nSTATUS:IN-PROCESS\nEND:VTODO\n")
    task_list.change("evo-task", lambda component: component.set_status(ICalGLib.PropertyStatus.COMPLETED))
    check("a task is stored and completed", "STATUS:COMPLETED" in task_list.text("evo-task"), task_list.text("evo-task"))


def as_organizer(calendar, bob):
    print("a meeting of hers")
    calendar.create(event("evo-hers", "Review", invitation("alice", "bob")))
    check("Bob is invited", partstats(bob.meeting("evo-hers"), "bob") == ["NEEDS-ACTION"], bob.meeting("evo-hers"))
    busy = calendar.busy(*SPRING, "bob@example.com")
    check("his time is not busy before he answers", not any("20300207T090000Z" in period for period in busy), busy)
    calendar.remove("evo-hers")
    check("a removed meeting is cancelled for Bob", "STATUS:CANCELLED" in bob.meeting("evo-hers"), bob.meeting("evo-hers"))


def as_attendee(calendar, bob):
    print("a meeting of Bob's")
    body = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Daybook//Clients//EN\n" + event(
        "evo-his", "Planning", "RRULE:FREQ=WEEKLY;COUNT=4\n" + invitation("bob", "alice")
    ).replace(";TZID=/freeassociation.sourceforge.net/Europe/Berlin:20300207T1", ":20300207T1").replace("T100000\n", "T090000Z\n").replace("T110000\n", "T100000Z\n") + "END:VCALENDAR\n"
    stored = bob.ask("PUT", "evo-his.ics", body.replace("\n", "\r\n"))
    check("Bob stores it", stored == "", stored)
    check("it reaches her program", calendar.refresh_until(lambda: calendar.get("evo-his")))
    failure = tried(calendar.change, "evo-his", calendar.answer("ACCEPTED"))
    check("she accepts", failure is None and partstats(bob.meeting("evo-his"), "alice") == ["ACCEPTED"], failure or bob.meeting("evo-his"))
    instances = calendar.instances("evo-his", *SPRING)
    failure = tried(calendar.change_instance, instances[2], calendar.answer("DECLINED"))
    check("she declines one instance", failure is None and sorted(partstats(bob.meeting("evo-his"), "alice")) == ["ACCEPTED", "DECLINED"], failure or bob.meeting("evo-his"))

    # Her program does not look before it answers: what Bob changed meanwhile stays, and the answer counts.
    renamed = bob.ask("GET", "evo-his.ics").replace("SUMMARY:Planning", "SUMMARY:Planning of the year")
    stored = bob.ask("PUT", "evo-his.ics", renamed)
    check("Bob renames it", stored == "", stored)
    failure = tried(calendar.change, "evo-his", calendar.answer("TENTATIVE"))
    text = bob.meeting("evo-his")
    check("she answers from an old copy", failure is None and "TENTATIVE" in partstats(text, "alice") and "Planning of the year" in text, failure or text)
    check("and then has the new name", calendar.refresh_until(lambda: "Planning of the year" in calendar.text("evo-his")), calendar.text("evo-his"))
    failure = tried(calendar.remove, "evo-his")
    check("she removes her copy, which declines", failure is None and set(partstats(bob.meeting("evo-his"), "alice")) == {"DECLINED"}, failure or bob.meeting("evo-his"))


def main(url):
    server = urllib.parse.urlsplit(url)
    alice, bob = Evolution("alice", server.hostname, server.port), Bob(url)
    discovery(alice, url)
    calendar = alice.events()
    own_events(calendar)
    tasks(alice.tasks())
    as_organizer(calendar, bob)
    as_attendee(calendar, bob)
    sys.exit(facts.summary("Evolution"))


if __name__ == "__main__":
    main(sys.argv[1])
