#!/usr/bin/env python3
"""Measures a calendar-query whose result stays the same while the calendar grows.

    window.py http://127.0.0.1:8080 PID USER COLLECTION [COLLECTION …]

For each collection the window from one morning grows until it holds 20 objects; then the query is asked 300 times,
in each collection by turns, and the processor time of the process is divided by the requests. The password is the name.
"""

import base64
import http.client
import os
import sys
from datetime import datetime, timedelta
from urllib.parse import urlsplit

OBJECTS = 20
REQUESTS = 300
START = datetime(2026, 9, 2, 8)
QUERY = """<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{:%Y%m%dT%H%M%SZ}" end="{:%Y%m%dT%H%M%SZ}"/></C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    url, pid, user, *collections = sys.argv[1:]
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    credentials = base64.b64encode(f"{user}:{user}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Depth": "1", "Content-Type": "application/xml"}

    def ask(collection, minutes):
        body = QUERY.format(START, START + timedelta(minutes=minutes))
        connection.request("REPORT", f"/calendars/{user}/{collection}/", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 207, (answer.status, text)
        return text.count(b"<D:response>")

    def window(collection):
        return next(minutes for minutes in range(1, 60 * 24 * 60, 5) if ask(collection, minutes) >= OBJECTS)

    windows = {collection: window(collection) for collection in collections}
    spent = dict.fromkeys(collections, 0.0)
    for _ in range(10):
        for collection, minutes in windows.items():
            before = processor_seconds(pid)
            for _ in range(REQUESTS // 10):
                ask(collection, minutes)
            spent[collection] += processor_seconds(pid) - before
    for collection, minutes in windows.items():
        print(f"{collection}: {ask(collection, minutes)} objects in {minutes} minutes, {1000 * spent[collection] / REQUESTS:.2f} ms")


if __name__ == "__main__":
    main()
