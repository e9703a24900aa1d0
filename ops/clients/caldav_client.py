#!/usr/bin/env python3
"""The caldav library of PyPI, unmodified, against a running server: discovery, calendars, events, an invitation, alarms in a shared calendar.

    caldav_client.py http://127.0.0.1:8080/

The accounts are those of accounts.toml beside this file. Ends with 1 at the first wrong answer.
"""

import re
import sys
from datetime import datetime, timedelta, timezone

import caldav
from icalendar import Alarm, Calendar

START = datetime(2030, 1, 7, 9, 0, tzinfo=timezone.utc)
checks = 0


def check(fact, is_right):
    global checks
    checks += 1
    print(f"  {'ok' if is_right else 'WRONG'}: {fact}")
    if not is_right:
        sys.exit(1)


def event(uid, summary, start=START, extra=()):
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Daybook//Clients//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{summary}",
        *extra,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def connect(url, name):
    client = caldav.DAVClient(url=url, username=name, password=name)
    return client, client.principal()


def calendar_named(principal, name):
    return next(calendar for calendar in principal.calendars() if str(calendar.url).rstrip("/").endswith(f"/{name}"))


def attendees(resource):
    parsed = Calendar.from_ical(resource.data)
    found = parsed.walk("VEVENT")[0].get("ATTENDEE", [])
    found = found if isinstance(found, list) else [found]
    return {str(attendee).lower(): attendee.params.get("PARTSTAT", "NEEDS-ACTION") for attendee in found}


def own_events(principal):
    print("discovery, calendars, events")
    check("the principal is found from the root URL", "/principals/alice" in str(principal.url))
    names = sorted(str(calendar.url).rstrip("/").rsplit("/", 1)[-1] for calendar in principal.calendars())
    check(f"her calendars are listed: {names}", {"calendar", "tasks"} <= set(names))
    check("her addresses are known", any("alice@example.com" in str(a) for a in principal.calendar_user_address_set()))

    calendar = principal.make_calendar(name="Projects")
    check("a calendar is created", any(other.url == calendar.url for other in principal.calendars()))
    saved = calendar.save_event(event("one", "Review"))
    calendar.save_event(event("daily", "Stand-up", START + timedelta(days=7), ["RRULE:FREQ=DAILY;COUNT=5"]))
    check("an event is read back", "SUMMARY:Review" in calendar.event_by_uid("one").data)

    week = calendar.search(start=START - timedelta(days=1), end=START + timedelta(days=1), event=True)
    check(f"a search by time finds {len(week)}", [e.icalendar_component["UID"] for e in week] == ["one"])
    days = calendar.search(start=START + timedelta(days=8), end=START + timedelta(days=10), event=True, expand=True)
    check(f"a series is expanded to {len(days)} instances", len(days) == 2)

    token = calendar.objects_by_sync_token().sync_token
    saved.icalendar_instance.walk("VEVENT")[0]["SUMMARY"] = "Long review"
    saved.save()
    changed = list(calendar.objects_by_sync_token(sync_token=token, load_objects=True))
    check(f"a sync reports {len(changed)} change", len(changed) == 1 and "Long review" in changed[0].data)

    saved.delete()
    check("a deleted event is gone", len(calendar.events()) == 1)
    calendar.delete()
    check("a deleted calendar is gone", all(other.url != calendar.url for other in principal.calendars()))


def invitation(alice, bob):
    print("an invitation and its answer")
    people = [
        "ORGANIZER;CN=Alice:mailto:alice@example.com",
        "ATTENDEE;CN=Alice;PARTSTAT=ACCEPTED:mailto:alice@example.com",
        "ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.com",
    ]
    hers = calendar_named(alice, "calendar").save_event(event("lunch", "Lunch", START, people))
    hers.load()
    check("the delivery is reported to Alice", "SCHEDULE-STATUS" in hers.data)

    inbox = list(bob.schedule_inbox().get_items())
    check(f"Bob's inbox holds {len(inbox)} message", len(inbox) == 1)
    check("it is an invitation", inbox[0].is_invite_request())
    copy = calendar_named(bob, "calendar").event_by_uid("lunch")
    check("Bob has a copy to answer", attendees(copy)["mailto:bob@example.com"] == "NEEDS-ACTION")

    copy.change_attendee_status(attendee="mailto:bob@example.com", partstat="ACCEPTED")
    copy.save()
    hers.load()
    check("Alice sees that he accepted", attendees(hers)["mailto:bob@example.com"] == "ACCEPTED")
    replies = [item for item in alice.schedule_inbox().get_items() if item.is_invite_reply()]
    check(f"and {len(replies)} answer in her inbox", len(replies) == 1)

    hers.delete()
    copy.load()
    check("a cancelled meeting is cancelled at Bob's", "STATUS:CANCELLED" in copy.data)


def past(url, alice):
    print("the calendar as it was")
    event_now = calendar_named(alice, "calendar").save_event(event("past", "Before"))
    event_now.load()
    before, then = event_now.data, datetime.now(timezone.utc)
    event_now.data = event("past", "After")
    event_now.save()
    event_now.delete()
    _, old = connect(f"{url.rstrip('/')}/asof/{then:%Y-%m-%dT%H:%M:%S.%fZ}/", "alice")
    event_then = calendar_named(old, "calendar").event_by_uid("past")
    check("the event is there, byte for byte", event_then.data == before)
    event_then.load()
    check("and again by its own address", event_then.data == before)
    found = calendar_named(old, "calendar").search(start=START, end=START + timedelta(hours=1), event=True)
    check("a search by time finds it", any("UID:past" in item.data for item in found))
    try:
        event_then.delete()
        is_refused = False
    except caldav.lib.error.DAVError:
        is_refused = True
    check("the past cannot be changed", is_refused)


SHARE = """<CS:share xmlns:CS="http://calendarserver.org/ns/" xmlns:D="DAV:"><CS:{}><D:href>mailto:bob@example.com</D:href>{}</CS:{}></CS:share>"""
ACCEPT = """<CS:invite-reply xmlns:CS="http://calendarserver.org/ns/" xmlns:D="DAV:"><D:href>mailto:bob@example.com</D:href>\
<CS:invite-accepted/><CS:in-reply-to>{}</CS:in-reply-to></CS:invite-reply>"""
XML = {"Content-Type": "application/xml"}


def offer(client, calendar, what, access=""):
    client.request(str(calendar.url), "POST", SHARE.format(what, access, what), XML)


def accept(client, bob):
    """Bob accepts the last invitation. Returns the calendar in his home."""
    home = str(client.url.join("/calendars/bob/"))
    messages = client.request(home + "notifications/", "PROPFIND", "", {"Depth": "1"}).raw
    last = re.findall(r"/calendars/bob/notifications/[^<]+\.xml", messages)[-1]
    invitation = re.search(r"<CS:uid>([^<]+)", client.request(client.url.join(last), "GET").raw)[1]
    client.request(home, "POST", ACCEPT.format(invitation), XML)
    return calendar_named(bob, "alice-shared")


def own_alarms(alices, alice, bobs, bob):
    print("an alarm of one's own on a calendar that one may only read")
    calendar = alice.make_calendar(name="Shared", cal_id="shared")
    hers = calendar.save_event(event("meeting", "Meeting", START))
    hers.load()
    before = hers.data
    offer(alices, calendar, "set", "<CS:read/>")
    shared = accept(bobs, bob)
    his = shared.event_by_uid("meeting")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", "Bob's reminder")
    alarm.add("trigger", timedelta(minutes=-15))
    his.icalendar_component.add_component(alarm)
    his.save()
    his.load()
    check("Bob sets an alarm", "Bob's reminder" in his.data)
    hers.load()
    check("Alice does not see it: her event is the same, byte for byte", hers.data == before)
    token = shared.objects_by_sync_token().sync_token
    hers.icalendar_component["DTSTART"].dt += timedelta(hours=2)
    hers.icalendar_component["DTEND"].dt += timedelta(hours=2)
    hers.save()
    changed = list(shared.objects_by_sync_token(sync_token=token, load_objects=True))
    check("she moves the meeting, and Bob is told of it", len(changed) == 1 and "T110000Z" in changed[0].data)
    check("with his alarm", "Bob's reminder" in changed[0].data)
    his = shared.event_by_uid("meeting")
    his.icalendar_component["SUMMARY"] = "Mine"
    try:
        his.save()
        is_refused = False
    except caldav.lib.error.DAVError:
        is_refused = True
    check("Bob changes nothing else", is_refused and "SUMMARY:Meeting" in shared.event_by_uid("meeting").data)
    offer(alices, calendar, "remove")
    offer(alices, calendar, "set", "<CS:read/>")
    again = accept(bobs, bob).event_by_uid("meeting")
    check("when the share ends, so does the alarm", "VALARM" not in again.data)
    calendar.delete()


def main():
    url = sys.argv[1]
    alices, alice = connect(url, "alice")
    bobs, bob = connect(url, "bob")
    own_events(alice)
    invitation(alice, bob)
    own_alarms(alices, alice, bobs, bob)
    past(url, alice)
    print(f"caldav {caldav.__version__}: {checks} checks passed")


if __name__ == "__main__":
    main()
