// tsdav of npm, unmodified, against a running server: discovery, calendars, objects, synchronisation, free-busy.
//
//   NODE_MODULES=… node tsdav_client.mjs http://127.0.0.1:8080/
//
// The account is alice of accounts.toml beside this file. Ends with 1 at the first wrong answer.

import { createRequire } from 'node:module';

const require = createRequire(`${process.env.NODE_MODULES}/`);
const { DAVClient, DAVNamespaceShort, freeBusyQuery, getBasicAuthHeaders } = require('tsdav');
const { version } = require('tsdav/package.json');

let checks = 0;

function check(fact, isRight) {
    checks += 1;
    console.log(`  ${isRight ? 'ok' : 'WRONG'}: ${fact}`);
    if (!isRight) process.exit(1);
}

function event(uid, summary, start, extra = []) {
    return [
        'BEGIN:VCALENDAR',
        'VERSION:2.0',
        'PRODID:-//Daybook//Clients//EN',
        'BEGIN:VEVENT',
        `UID:${uid}`,
        'DTSTAMP:20260101T000000Z',
        `DTSTART:${start}`,
        'DURATION:PT1H',
        `SUMMARY:${summary}`,
        ...extra,
        'END:VEVENT',
        'END:VCALENDAR',
        '',
    ].join('\r\n');
}

const serverUrl = process.argv[2];
const credentials = { username: 'alice', password: 'alice' };
const client = new DAVClient({ serverUrl, credentials, authMethod: 'Basic', defaultAccountType: 'caldav' });

console.log('discovery');
await client.login();
check('the principal is found', client.account.principalUrl.endsWith('/principals/alice/'));
check('the home is found', client.account.homeUrl.endsWith('/calendars/alice/'));
const addresses = await client.fetchCalendarUserAddresses();
check(`her addresses are known: ${addresses}`, addresses.some((address) => address === 'mailto:alice@example.com'));

console.log('calendars');
const url = new URL('tsdav/', client.account.homeUrl).href;
const props = { [`${DAVNamespaceShort.DAV}:displayname`]: 'Projects & Ünïcode' };
const made = await client.makeCalendar({ url, props });
check('a calendar is made', made[0].ok);
const ours = async () => (await client.fetchCalendars()).find((calendar) => calendar.url === url);
let calendar = await ours();
check('it is listed with its name', calendar.displayName === 'Projects & Ünïcode');
check('with its components', calendar.components.includes('VEVENT'));
check('with ctag and sync-token', Boolean(calendar.ctag) && Boolean(calendar.syncToken));
check('with the reports it knows', calendar.reports.includes('syncCollection'));

console.log('objects');
const put = (filename, iCalString) => client.createCalendarObject({ calendar, filename, iCalString });
check('an object is stored', (await put('one.ics', event('ts-one', 'Review', '20300107T090000Z'))).status === 201);
check('not a second time', (await put('one.ics', event('ts-one', 'Review', '20300107T090000Z'))).status === 412);
const daily = event('ts-daily', 'Stand-up', '20300114T090000Z', ['RRULE:FREQ=DAILY;COUNT=5']);
check('a series is stored', (await put('daily.ics', daily)).status === 201);
const objects = await client.fetchCalendarObjects({ calendar });
check(`both are read: ${objects.length}`, objects.length === 2);
const found = (timeRange, rest = {}) => client.fetchCalendarObjects({ calendar, timeRange, ...rest });
const week = await found({ start: '2030-01-07T00:00:00Z', end: '2030-01-08T00:00:00Z' });
check('by time one', week.length === 1 && week[0].data.includes('SUMMARY:Review'));
const days = await found({ start: '2030-01-15T00:00:00Z', end: '2030-01-17T00:00:00Z' }, { expand: true });
check('a series comes expanded', days.length === 1 && days[0].data.match(/RECURRENCE-ID/g).length === 2);
const several = await client.fetchCalendarObjects({ calendar, objectUrls: objects.map((object) => object.url) });
check('several by name', several.length === 2);

console.log('synchronisation');
const [one] = week;
const stale = { ...one, data: one.data.replace('Review', 'Long review'), etag: '"stale"' };
check('a stale change is refused', (await client.updateCalendarObject({ calendarObject: stale })).status === 412);
const changed = await client.updateCalendarObject({ calendarObject: { ...stale, etag: one.etag } });
check('a change is stored', changed.status === 204);
const { isDirty } = await client.isCollectionDirty({ collection: calendar });
check('the calendar is seen to have changed', isDirty);
const objectMultiGet = (params) => client.calendarMultiGet(params);
const sync = (known) =>
    client.smartCollectionSync({ collection: { ...known, objectMultiGet }, method: 'webdav', detailedResult: true });
const news = await sync({ ...calendar, objects });
check('exactly that change is told', news.objects.updated.length === 1 && news.objects.updated[0].url === one.url);
check('and nothing else', news.objects.created.length === 0 && news.objects.deleted.length === 0);
const gone = await client.deleteCalendarObject({ calendarObject: news.objects.updated[0] });
check('an object is removed', gone.status === 204);
const kept = objects.map((object) => (object.url === one.url ? news.objects.updated[0] : object));
const rest = await sync({ ...calendar, syncToken: news.syncToken, objects: kept });
check('the removal is told', rest.objects.deleted.length === 1 && rest.objects.deleted[0].url === one.url);

console.log('free-busy');
const busy = await freeBusyQuery({
    url,
    timeRange: { start: '2030-01-15T00:00:00Z', end: '2030-01-16T00:00:00Z' },
    depth: '1',
    headers: getBasicAuthHeaders(credentials),
});
check('busy times are told', JSON.stringify(busy).includes('20300115T090000Z/'));

check('the calendar is removed', (await client.deleteObject({ url })).status === 204 && !(await ours()));
console.log(`tsdav ${version}: ${checks} checks passed`);
