#!/usr/bin/env python3
"""Two people with Debian's Thunderbird, unmodified, against a running server.

    play.py FOLDER http://127.0.0.1:8080/

The accounts are alice and bob of accounts.toml; FOLDER gets the profiles and the programs' logs. The last line counts
the facts; ends with 1 if one is wrong.
"""

import base64
import os
import re
import sys
import time
import urllib.request

from program import Thunderbird

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "trials"))

import facts  # noqa: E402
from facts import confirm as check  # noqa: E402

EVENT = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:tb-series
DTSTAMP:20290101T000000Z
SUMMARY:Stand-up
LOCATION:Room, 1
DTSTART;TZID=Europe/Berlin:20300107T093000
DTEND;TZID=Europe/Berlin:20300107T100000
RRULE:FREQ=WEEKLY;COUNT=6
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""

TASK = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTODO
UID:tb-task
DTSTAMP:20290101T000000Z
SUMMARY:Water the plants
DTSTART;TZID=Europe/Berlin:20300107T080000
DUE;TZID=Europe/Berlin:20300107T090000
RRULE:FREQ=DAILY;COUNT=5
END:VTODO
END:VCALENDAR
"""

DELEGATE = """<propertyupdate xmlns="DAV:"><set><prop><group-member-set><href>/principals/bob/</href></group-member-set></prop></set></propertyupdate>"""

OWN = "\r\n".join([
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Daybook//Clients//EN", "BEGIN:VEVENT", "UID:tb-own", "DTSTAMP:20260101T000000Z",
    "DTSTART:20300608T100000Z", "DURATION:PT1H", "SUMMARY:Match", "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Hers",
    "TRIGGER:-PT10M", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
])
REMIND = """
    const { CalAlarm } = ChromeUtils.importESModule("resource:///modules/CalAlarm.sys.mjs");
    return await change('Club', 'tb-own', null, item => {
        const alarm = new CalAlarm();
        alarm.action = 'DISPLAY';
        alarm.related = Ci.calIAlarm.ALARM_RELATED_START;
        alarm.offset = cal.createDuration('-PT20M');
        item.addAlarm(alarm);
        item.alarmLastAck = cal.createDateTime('20300608T094500Z');
    });
"""
SHARE = """<CS:share xmlns:CS="http://calendarserver.org/ns/"><CS:set><href xmlns="DAV:">mailto:bob@example.com</href><CS:read-write/></CS:set></CS:share>"""

ACCEPT = """<CS:invite-reply xmlns:CS="http://calendarserver.org/ns/"><href xmlns="DAV:">mailto:bob@example.com</href><CS:invite-accepted/><CS:in-reply-to>{}</CS:in-reply-to><CS:summary>Club</CS:summary></CS:invite-reply>"""

READER = """<acl xmlns="DAV:"><ace><principal><href>/principals/bob/</href></principal><grant><privilege><read/></privilege></grant></ace></acl>"""


def ask(method, url, user, body=None, **headers):
    """Another program of the same person: plain HTTP."""
    credentials = base64.b64encode(f"{user}:{user}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", **headers}
    request = urllib.request.Request(url, body and body.encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def component(text, day=None):
    """The override of one day, or the component without RECURRENCE-ID."""
    for found in re.findall(r"BEGIN:V(?:EVENT|TODO)\r\n.*?END:V(?:EVENT|TODO)", text or "", re.S):
        recurrence_id = re.search(r"^RECURRENCE-ID[^\r\n]*:(\d{8})", found, re.M)
        if (recurrence_id and recurrence_id[1]) == day:
            return found
    return ""


def partstat(text, person, day=None):
    line = re.search(rf"^ATTENDEE[^\r\n]*mailto:{person}@example\.com", component(text, day), re.M | re.I)
    return (re.search(r"PARTSTAT=([A-Z-]+)", line[0]) or [None, "NEEDS-ACTION"])[1] if line else None


def shows(text, line, day=None):
    return re.search(rf"^{line}", component(text, day), re.M) is not None


def discovery(alice, bob, url):
    print("discovery")
    for person in (alice, bob):
        person.run("await keepPassword(...args)", person.user, url)
        found = person.run("return await discover(...args)", person.user, url)
        names = sorted(calendar["name"] for calendar in found)
        check(f"{person.user} finds the calendars from the root URL: {names}", {"calendar", "tasks"} <= set(names), found)
    alice.run("await refresh('calendar'); await refresh('tasks');")
    bob.run("await refresh('calendar'); await refresh('tasks');")


def own_events(alice):
    print("a series with a time zone and an alarm")
    outcome = alice.run("const [event] = parse(args[0]); return await transaction('add', event, calendarNamed('calendar'))", EVENT)
    check("it is stored", outcome == "ok", outcome)
    text = alice.run("return await refreshed('calendar', 'tb-series')")
    check("with its zone and its alarm", shows(text, "DTSTART;TZID=Europe/Berlin:20300107T093000") and "TRIGGER:-PT15M" in text, text)
    move = "return await change('calendar', 'tb-series', '20300114', item => { item.startDate = berlin('20300114T110000'); item.endDate = berlin('20300114T113000'); })"
    outcome = alice.run(move)
    text = alice.run("return await refreshed('calendar', 'tb-series')")
    check("one instance moves", outcome == "ok" and shows(text, "DTSTART;TZID=Europe/Berlin:20300114T110000", "20300114"), (outcome, text))


def tasks(alice):
    print("tasks")
    outcome = alice.run("const [task] = parse(args[0]); return await transaction('add', task, calendarNamed('tasks'))", TASK)
    check("a recurring task is stored", outcome == "ok", outcome)
    done = """
        const series = await item('tasks', 'tb-task');
        const before = series.recurrenceInfo.getOccurrences(cal.createDateTime('20300108T000000Z'), cal.createDateTime('20300109T000000Z'), 0)[0];
        const after = before.clone();
        after.isCompleted = true;
        return await transaction('modify', after, calendarNamed('tasks'), before);
    """
    outcome = alice.run(done)
    text = alice.run("return await refreshed('tasks', 'tb-task')")
    check("one instance is completed", outcome == "ok" and shows(text, "STATUS:COMPLETED", "20300108"), (outcome, text))
    check("and the others are not", not shows(text, "STATUS:COMPLETED"), text)


def meeting(alice, bob):
    print("a meeting")
    outcome = alice.run("return await meet(...args)", "tb-meeting", "Review", "20300204T100000", "20300204T110000", "FREQ=WEEKLY;COUNT=6", ["bob"])
    check("Alice invites Bob", outcome == "ok", outcome)
    text = bob.run("return await refreshed('calendar', 'tb-meeting')")
    check("Bob has the invitation", partstat(text, "bob") == "NEEDS-ACTION", text)
    check("his Thunderbird shows it as one to answer", bob.run("return cal.itip.isOpenInvitation(await item('calendar', 'tb-meeting'))"))

    outcome = bob.run("return await answer('calendar', 'tb-meeting', 'ACCEPTED')")
    check("Bob accepts", outcome == "ok", outcome)
    text = alice.run("return await refreshed('calendar', 'tb-meeting')")
    check("Alice sees it", partstat(text, "bob") == "ACCEPTED", text)

    bob.run("await refresh('calendar')")
    outcome = bob.run("return await answer('calendar', 'tb-meeting', 'DECLINED', '20300211')")
    check("Bob declines one instance", outcome == "ok", outcome)
    text = alice.run("return await refreshed('calendar', 'tb-meeting')")
    check("Alice sees it there and only there", (partstat(text, "bob", "20300211"), partstat(text, "bob")) == ("DECLINED", "ACCEPTED"), text)

    move = "return await change('calendar', 'tb-meeting', '20300218', item => { item.startDate = berlin('20300218T140000'); item.endDate = berlin('20300218T150000'); })"
    outcome = alice.run(move)
    check("Alice moves one instance", outcome == "ok", outcome)
    text = bob.run("return await refreshed('calendar', 'tb-meeting')")
    check("Bob has the new time", shows(text, "DTSTART;TZID=Europe/Berlin:20300218T140000", "20300218"), text)
    check("and is asked again for that instance only", (partstat(text, "bob", "20300218"), partstat(text, "bob")) == ("NEEDS-ACTION", "ACCEPTED"), text)


def own_alarm_survives(alice, bob):
    print("what is the attendee's own")
    outcome = bob.run("return await change('calendar', 'tb-meeting', null, item => { item.setCategories(['Mine']); item.setProperty('TRANSP', 'TRANSPARENT'); })")
    check("Bob sets a category and shows the time as free", outcome == "ok", outcome)
    outcome = alice.run("await refresh('calendar'); return await change('calendar', 'tb-meeting', null, item => { item.title = 'Review of the year'; })")
    check("Alice renames the meeting", outcome == "ok", outcome)
    text = bob.run("return await refreshed('calendar', 'tb-meeting')")
    check("Bob has the new name", shows(text, "SUMMARY:Review of the year"), text)
    check("and keeps what is his", shows(text, "CATEGORIES:Mine") and shows(text, "TRANSP:TRANSPARENT"), text)
    check("and his answer", partstat(text, "bob") == "ACCEPTED", text)


def answer_from_an_old_copy(alice, bob):
    print("an answer from an old copy")
    alice.run("return await meet(...args)", "tb-old-copy", "One-off", "20300304T100000", "20300304T110000", "", ["bob"])
    bob.run("await refresh('calendar')")
    outcome = alice.run("await refresh('calendar'); return await change('calendar', 'tb-old-copy', null, item => { item.title = 'Renamed'; })")
    check("Alice renames it while Bob's program does not look", outcome == "ok", outcome)
    seen = bob.run("return await whenAskedToOverwrite(true, () => answer('calendar', 'tb-old-copy', 'TENTATIVE'))")
    check("Bob answers, and overwrites when he is asked", seen["outcome"] == "ok", seen)
    text = alice.run("return await refreshed('calendar', 'tb-old-copy')")
    check("Alice has the answer and her name for it", partstat(text, "bob") == "TENTATIVE" and shows(text, "SUMMARY:Renamed"), text)
    text = bob.run("return await refreshed('calendar', 'tb-old-copy')")
    check("Bob has it too", partstat(text, "bob") == "TENTATIVE" and shows(text, "SUMMARY:Renamed"), text)


def free_busy(alice, bob):
    print("busy times")
    bob.run("return await answer('calendar', 'tb-old-copy', 'ACCEPTED')")
    periods = alice.run("return await freeBusy('MAILTO:bob@example.com', '20300301T000000Z', '20300401T000000Z')")
    check("Alice sees the hour that Bob accepted", periods == [["20300304T090000Z", "20300304T100000Z"]], periods)


def another_calendar(alice, bob, url):
    print("the meeting in another calendar")
    for user in ("alice", "bob"):
        ask("MKCALENDAR", f"{url}calendars/{user}/second/", user)
    for person in (alice, bob):
        found = person.run("return await discover(...args)", person.user, url)
        check(f"{person.user} finds the new calendar", any("/second/" in calendar["path"] for calendar in found), found)
    second = "cal.manager.getCalendars().find(calendar => calendar.uri.filePath.endsWith('/second/'))"
    move = f"""
        const before = await item('calendar', 'tb-meeting');
        const after = before.clone();
        after.calendar = {second};
        return await transaction('modify', after, {second}, before);
    """
    for person, other in ((bob, "alice"), (alice, "bob")):
        person.run("await refresh('calendar')")
        outcome = person.run(move)
        check(f"{person.user} moves it", outcome == "ok", outcome)
        home = f"{url}calendars/{person.user}/"
        check("it is there", "tb-meeting" in ask("GET", home + "second/", person.user))
        check("and not here", "tb-meeting" not in ask("GET", home + "calendar/", person.user))
        mailbox = ask("GET", f"{url}calendars/{other}/inbox/", other)
        check(f"{other} is not told of a cancellation or a refusal", not re.search(r"METHOD:CANCEL|PARTSTAT=DECLINED.*tb-meeting", mailbox))
    kept = ask("GET", f"{url}calendars/alice/second/", "alice")
    check("Alice's copy still has Bob's answer", "PARTSTAT=ACCEPTED" in re.sub(r"\r\n ", "", kept), kept)


def one_calendar(bob, url):
    print("a single calendar that Alice shares")
    ask("MKCALENDAR", f"{url}calendars/alice/plans/", "alice")
    ask("ACL", f"{url}calendars/alice/plans/", "alice", READER)
    found = bob.run("return await discover(...args)", "bob", url)
    shared = [calendar for calendar in found if calendar["path"].startswith("/calendars/alice/")]
    check("Bob finds it from the root URL, and no other", [calendar["path"] for calendar in shared] == ["/calendars/alice/plans/"], found)
    check("and may only read it", shared and shared[0]["readOnly"], shared)


def assistant(bob, url):
    print("a calendar that Alice shares with her assistant")
    ask("MKCALENDAR", f"{url}calendars/alice/team/", "alice")
    ask("PROPPATCH", f"{url}principals/alice/calendar-proxy-write/", "alice", DELEGATE)
    found = bob.run("return await discover(...args)", "bob", url)
    shared = [calendar for calendar in found if calendar["path"] == "/calendars/alice/team/"]
    check("Bob finds it from the root URL", len(shared) == 1, found)
    check("and may write to it", shared and not shared[0]["readOnly"], shared)
    bob.run("await refresh('team')")
    outcome = bob.run("return await meet(...args)", "tb-assistant", "Booked", "20300605T100000", "20300605T110000", "", ["carol"], "team")
    check("Bob books a meeting there", outcome == "ok", outcome)
    invitation = wait_for(lambda: ask("GET", f"{url}calendars/carol/calendar/", "carol"), ["tb-assistant"])
    organizer = re.search(r"^ORGANIZER.*$", invitation.replace("\r\n ", ""), re.M)
    organizer = organizer and organizer[0].strip()
    check(f"Carol is invited in Alice's name: {organizer}", organizer and organizer.endswith(":mailto:alice@example.com"), invitation)
    check("and sees that Bob did it", organizer and 'SENT-BY="mailto:bob@example.com"' in organizer, organizer)
    text = bob.run("return await refreshed('team', 'tb-assistant')")
    check("Bob's Thunderbird shows the meeting", shows(text, "SUMMARY:Booked"), text)


def own_home(bob, url):
    print("a calendar of Alice in Bob's own home")
    ask("MKCALENDAR", f"{url}calendars/alice/club/", "alice")
    ask("POST", f"{url}calendars/alice/club/", "alice", SHARE, **{"Content-Type": "application/xml"})
    messages = ask("PROPFIND", f"{url}calendars/bob/notifications/", "bob", Depth="1")
    message = re.search(r"/calendars/bob/notifications/[^<]+\.xml", messages)
    invitation = message and re.search(r"<CS:uid>([^<]+)", ask("GET", url + message[0][1:], "bob"))
    check("Bob is invited", invitation, messages)
    accepted = ask("POST", f"{url}calendars/bob/", "bob", ACCEPT.format(invitation[1]), **{"Content-Type": "application/xml"})
    check("another program of his accepts", "/calendars/bob/alice-club/" in accepted, accepted)
    found = bob.run("return await discover(...args)", "bob", url)
    shared = [calendar for calendar in found if "club" in calendar["path"]]
    check("Thunderbird finds it in his home, and once", [calendar["path"] for calendar in shared] == ["/calendars/bob/alice-club/"], found)
    check("under the name that Bob chose, to write", shared and shared[0]["name"] == "Club" and not shared[0]["readOnly"], shared)
    bob.run("await refresh('Club')")
    outcome = bob.run("return await meet(...args)", "tb-club", "Training", "20300606T100000", "20300606T110000", "", [], "Club")
    check("Bob adds an event", outcome == "ok", outcome)
    check("Alice has it", "tb-club" in ask("GET", f"{url}calendars/alice/club/", "alice"))


def own_alarm(bob, url):
    print("an alarm of Bob's own in the calendar of Alice")
    hers = f"{url}calendars/alice/club/tb-own.ics"
    ask("PUT", hers, "alice", OWN, **{"Content-Type": "text/calendar"})
    text = bob.run("return await refreshed('Club', 'tb-own')")
    check("Bob has the event without her alarm", shows(text, "SUMMARY:Match") and "VALARM" not in text, text)
    outcome = bob.run(REMIND)
    text = bob.run("return await refreshed('Club', 'tb-own')")
    check("he sets one of his own, and dismisses it", outcome == "ok" and "TRIGGER:-PT20M" in text and "X-MOZ-LASTACK" in text, (outcome, text))
    check("Alice's event is the same, byte for byte", ask("GET", hers, "alice") == OWN)
    ask("PUT", hers, "alice", OWN.replace("T100000Z", "T120000Z"), **{"Content-Type": "text/calendar"})
    text = bob.run("return await refreshed('Club', 'tb-own')")
    check("she moves it, and he keeps his alarm", "T120000Z" in text and "TRIGGER:-PT20M" in text, text)


def conflict(alice, url):
    print("a conflict")
    alice.run("return await meet(...args)", "tb-conflict", "Before", "20300401T100000", "20300401T110000", "", [])
    href = f"{url}calendars/alice/calendar/tb-conflict.ics"
    changed = ask("GET", href, "alice").replace("SUMMARY:Before", "SUMMARY:Elsewhere")
    ask("PUT", href, "alice", changed, **{"Content-Type": "text/calendar"})
    rename = "change('calendar', 'tb-conflict', null, item => { item.title = 'Here'; })"
    seen = alice.run(f"return await whenAskedToOverwrite(false, () => {rename})")
    check("Thunderbird asks which of two changes stays", len(seen["asked"]) == 1, seen)
    text = alice.run("return await refreshed('calendar', 'tb-conflict')")
    check("the other program's change stays", shows(text, "SUMMARY:Elsewhere"), text)


def offline(alice, url):
    print("changes made offline")
    alice.run("return await meet(...args)", "tb-offline", "Online", "20300402T100000", "20300402T110000", "", [])
    outcome = alice.run("""
        Services.io.offline = true;
        const changed = await change('calendar', 'tb-offline', null, item => { item.title = 'Offline'; });
        const made = await meet('tb-offline-new', 'Made offline', '20300403T100000', '20300403T110000', '', []);
        return [changed, made];
    """)
    check("are taken", outcome == ["ok", "ok"], outcome)
    # Thunderbird sends what waits by itself when it is online again; a refresh beside it would send it twice.
    alice.run("Services.io.offline = false")
    stored = wait_for(lambda: ask("GET", f"{url}calendars/alice/calendar/", "alice"), ["SUMMARY:Offline", "SUMMARY:Made offline"])
    check("a change reaches the server", "SUMMARY:Offline" in stored, stored)
    check("and so does a new event", "SUMMARY:Made offline" in stored, stored)


def wait_for(look, expected, patience_s=20):
    """What `look` returns once it contains all that is expected, or after `patience_s` seconds."""
    end = time.monotonic() + patience_s
    while True:
        seen = look()
        if all(text in seen for text in expected) or time.monotonic() > end:
            return seen
        time.sleep(0.3)


def cancellation(alice, bob):
    print("a cancellation")
    alice.run("return await meet(...args)", "tb-cancel", "Off", "20300501T100000", "20300501T110000", "", ["bob"])
    text = bob.run("return await refreshed('calendar', 'tb-cancel')")
    check("Bob is invited", partstat(text, "bob") == "NEEDS-ACTION", text)
    outcome = alice.run("await refresh('calendar'); return await remove('calendar', 'tb-cancel')")
    check("Alice deletes the meeting", outcome == "ok", outcome)
    text = bob.run("return await refreshed('calendar', 'tb-cancel')")
    check("Bob's copy says that it is cancelled", shows(text, "STATUS:CANCELLED"), text)
    outcome = bob.run("return await remove('calendar', 'tb-cancel')")
    check("Bob removes it", outcome == "ok" and bob.run("return await refreshed('calendar', 'tb-cancel')") is None, outcome)


def main(folder, url):
    with Thunderbird(folder, "alice", 28281) as alice, Thunderbird(folder, "bob", 28282) as bob:
        discovery(alice, bob, url)
        own_events(alice)
        tasks(alice)
        meeting(alice, bob)
        own_alarm_survives(alice, bob)
        answer_from_an_old_copy(alice, bob)
        free_busy(alice, bob)
        cancellation(alice, bob)
        conflict(alice, url)
        offline(alice, url)
        another_calendar(alice, bob, url)
        one_calendar(bob, url)
        own_home(bob, url)
        own_alarm(bob, url)
        assistant(bob, url)
    sys.exit(facts.summary("Thunderbird"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
