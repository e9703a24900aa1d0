// dav of npm, unmodified, against a running server: discovery, calendars, an object made, changed and removed.
//
//   NODE_MODULES=… node dav_client.mjs http://127.0.0.1:8080/
//
// The account is alice of accounts.toml beside this file. Ends with 1 at the first wrong answer.

import { createRequire } from 'node:module';

const require = createRequire(`${process.env.NODE_MODULES}/`);
const dav = require('dav');

let checks = 0;

function check(fact, isRight) {
    checks += 1;
    console.log(`  ${isRight ? 'ok' : 'WRONG'}: ${fact}`);
    if (!isRight) process.exit(1);
}

const event = (summary) => [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Daybook//Clients//EN', 'BEGIN:VEVENT', 'UID:dav-one',
    'DTSTAMP:20290101T000000Z', 'DTSTART:20300107T090000Z', 'DURATION:PT1H', `SUMMARY:${summary}`,
    'END:VEVENT', 'END:VCALENDAR', '',
].join('\r\n');

const credentials = new dav.Credentials({ username: 'alice', password: 'alice' });
const xhr = new dav.transport.Basic(credentials);
const account = async () =>
    dav.createAccount({ server: process.argv[2], xhr, accountType: 'caldav', loadCollections: true, loadObjects: true });

let calendars = (await account()).calendars;
const calendar = calendars.find((found) => found.url.endsWith('/calendars/alice/calendar/'));
check('it logs in and finds the calendars from the root URL', calendar !== undefined);

await dav.createCalendarObject(calendar, { filename: 'dav-one.ics', data: event('One'), xhr });
let synced = await dav.syncCalendar(calendar, { xhr });
let object = synced.objects.find((found) => found.url.endsWith('/dav-one.ics'));
check('an object is stored and found by synchronisation', object?.calendarData.includes('SUMMARY:One'));

object.calendarData = event('Two');
await dav.updateCalendarObject(object, { xhr });
synced = await dav.syncCalendar(synced, { xhr });
object = synced.objects.find((found) => found.url.endsWith('/dav-one.ics'));
check('it is changed', object?.calendarData.includes('SUMMARY:Two'));

await dav.deleteCalendarObject(object, { xhr });
synced = await dav.syncCalendar(synced, { xhr });
check('and removed', !synced.objects.some((found) => found.url.endsWith('/dav-one.ics')));

console.log(`dav ${require('dav/package.json').version}: ${checks} passed`);
