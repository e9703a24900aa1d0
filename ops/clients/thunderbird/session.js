// What the plays ask of Thunderbird, by its own calendar modules; stands before each script.
// A change goes through the window's `doTransaction`, so that what is sent is what a user's click would send.

const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const { CalEvent } = ChromeUtils.importESModule("resource:///modules/CalEvent.sys.mjs");
const { CalAttendee } = ChromeUtils.importESModule("resource:///modules/CalAttendee.sys.mjs");
const { CalRecurrenceInfo } = ChromeUtils.importESModule("resource:///modules/CalRecurrenceInfo.sys.mjs");

// The window's own timers stop while a dialog is open.
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");

const mainWindow = Services.wm.getMostRecentWindow("mail:3pane");
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const calendarNamed = name => cal.manager.getCalendars().find(calendar => calendar.name == name);
const item = async (calendar, uid) => await calendarNamed(calendar).getItem(uid);

// Registers the calendars that discovery finds from the root URL.
async function discover(user, url) {
    const found = await cal.provider.detection.detect(user, user, url, true, [], {});
    const calendars = [...found.values()].flat().filter(calendar => calendar.type == "caldav");
    const known = cal.manager.getCalendars().map(calendar => calendar.uri.spec);
    for (const calendar of calendars.filter(calendar => !known.includes(calendar.uri.spec))) {
        calendar.setProperty("imip.identity.key", "id1");
        calendar.setProperty("cache.enabled", true);
        calendar.setProperty("username", user);
        cal.manager.registerCalendar(calendar);
    }
    return calendars.map(calendar => ({
        name: calendar.name, path: calendar.uri.filePath, readOnly: calendar.readOnly,
    }));
}

// Saves the password, so that no dialog asks for it.
async function keepPassword(user, url) {
    const origin = new URL(url).origin;
    const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
    login.init(origin, null, "Daybook", user, user, "", "");
    await Services.logins.addLoginAsync(login);
}

const nothing = () => {};
const observer = handlers => ({
    QueryInterface: ChromeUtils.generateQI(["calIObserver"]),
    onStartBatch: nothing, onEndBatch: nothing, onLoad: nothing, onAddItem: nothing, onModifyItem: nothing,
    onDeleteItem: nothing, onError: nothing, onPropertyChanged: nothing, onPropertyDeleting: nothing,
    ...handlers,
});

// Waits until the calendar has synchronised with the server.
async function refresh(name) {
    const calendar = calendarNamed(name);
    await new Promise((resolve, reject) => {
        const watching = observer({
            onLoad() { calendar.removeObserver(watching); resolve(); },
        });
        calendar.addObserver(watching);
        calendar.refresh();
        setTimeout(() => reject(new Error(`${name} does not load`)), 30_000);
    });
}

// "ok", or what went wrong.
async function transaction(action, changed, calendar, before = null, response = null) {
    const errors = [];
    const watching = observer({ onError(_, code, message) { errors.push(`0x${(code >>> 0).toString(16)} ${message}`); } });
    calendar.addObserver(watching);
    try {
        const done = mainWindow.doTransaction(action, changed, calendar, before, null, response);
        const outcome = await Promise.race([
            done.then(() => "ok", error => String(error)),
            pause(20_000).then(() => "no answer within 20 s"),
        ]);
        return errors.length ? errors.join("; ") : outcome;
    } finally {
        calendar.removeObserver(watching);
    }
}

function parse(ics) {
    const parser = Cc["@mozilla.org/calendar/ics-parser;1"].createInstance(Ci.calIIcsParser);
    parser.parseString(ics);
    return parser.getItems();
}

// The item as unfolded iCalendar without its time zones; null where there is none.
async function text(calendar, uid) {
    const found = await item(calendar, uid);
    if (!found) return null;
    const serializer = Cc["@mozilla.org/calendar/ics-serializer;1"].createInstance(Ci.calIIcsSerializer);
    serializer.addItems([found]);
    return serializer.serializeToString().replace(/\r\n[ \t]/g, "").replace(/BEGIN:VTIMEZONE[\s\S]*?END:VTIMEZONE\r\n/g, "");
}

async function refreshed(calendar, uid) {
    await refresh(calendar);
    return await text(calendar, uid);
}

function berlin(time) {
    const zoned = cal.createDateTime(time);
    zoned.timezone = cal.timezoneService.getTimezone("Europe/Berlin");
    return zoned;
}

function attendee(name) {
    const invited = new CalAttendee();
    invited.id = `mailto:${name}@example.com`;
    invited.participationStatus = "NEEDS-ACTION";
    invited.role = "REQ-PARTICIPANT";
    invited.rsvp = "TRUE";
    invited.userType = "INDIVIDUAL";
    return invited;
}

// Stores a meeting in a calendar, as the event dialog does.
async function meet(uid, title, start, end, rule, names, name = "calendar") {
    const calendar = calendarNamed(name);
    const event = new CalEvent();
    event.id = uid;
    event.title = title;
    event.startDate = berlin(start);
    event.endDate = berlin(end);
    event.calendar = calendar;
    event.organizer = cal.itip.createOrganizer(calendar);
    names.forEach(name => event.addAttendee(attendee(name)));
    if (rule) {
        const recurrence = new CalRecurrenceInfo(event);
        recurrence.appendRecurrenceItem(cal.createRecurrenceRule(`RRULE:${rule}`));
        event.recurrenceInfo = recurrence;
    }
    return await transaction("add", event, calendar);
}

// The instance of a series that starts on this day (YYYYMMDD).
async function instance(calendar, uid, day) {
    const from = cal.createDateTime(`${day}T000000Z`);
    const to = cal.createDateTime(`${day}T235959Z`);
    const filter = Ci.calICalendar.ITEM_FILTER_ALL_ITEMS | Ci.calICalendar.ITEM_FILTER_CLASS_OCCURRENCES;
    const found = await calendarNamed(calendar).getItemsAsArray(filter, 0, from, to);
    return found.find(occurrence => occurrence.id == uid);
}

// Changes an item, or one instance of it where a day is given; `change` gets the copy.
async function change(calendar, uid, day, change, response = null) {
    const before = day ? await instance(calendar, uid, day) : await item(calendar, uid);
    const after = before.clone();
    change(after);
    return await transaction("modify", after, calendarNamed(calendar), before, response);
}

// Answers an invitation as its dialog does.
async function answer(calendar, uid, status, day = null) {
    const set = changed => {
        const invited = cal.itip.getInvitedAttendee(changed);
        const answered = invited.clone();
        answered.participationStatus = status;
        changed.removeAttendee(invited);
        changed.addAttendee(answered);
    };
    return await change(calendar, uid, day, set, { responseMode: Ci.calIItipItem.AUTO });
}

async function remove(calendar, uid) {
    return await transaction("delete", await item(calendar, uid), calendarNamed(calendar));
}

// The busy periods of an address as [start, end]. Thunderbird asks every calendar of the account, and each answers for
// itself: all answers within three seconds count, each period once.
async function freeBusy(address, from, to) {
    const found = new Map();
    const listener = {
        onResult(operation, intervals) {
            for (const { freeBusyType, interval } of intervals ?? []) {
                if (freeBusyType != Ci.calIFreeBusyInterval.BUSY) continue;
                const period = [interval.start.icalString, interval.end.icalString];
                found.set(period.join(), period);
            }
        },
    };
    const range = [cal.createDateTime(from), cal.createDateTime(to)];
    cal.freeBusyService.getFreeBusyIntervals(address, ...range, Ci.calIFreeBusyInterval.BUSY_ALL, listener);
    await pause(3_000);
    return [...found.values()];
}

// Runs a change while dialogs that ask whether to overwrite the server's version are answered by `overwrite`.
async function whenAskedToOverwrite(overwrite, action) {
    const asked = [];
    const original = cal.provider.promptOverwrite;
    cal.provider.promptOverwrite = mode => { asked.push(mode); return overwrite; };
    try {
        return { outcome: await action(), asked };
    } finally {
        cal.provider.promptOverwrite = original;
    }
}
