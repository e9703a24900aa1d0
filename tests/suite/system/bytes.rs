//! Tests that clients read a stored object byte for byte as it was sent, and that the `ETag` in the
//! answer confirms it (RFC 4791 §5.3.4).

use super::Server;

/// Valid texts that this server would never write itself.
const ODD: [(&str, &str); 5] = [
    (
        "bare line feeds",
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260105T110000Z\n\
         DTSTART:20260107T120000Z\nEND:VEVENT\nEND:VCALENDAR\n",
    ),
    (
        "folds where nobody needs them, and by tabs",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20260105T110000Z\r\n\
         DTSTART:2026\r\n 0107T120000Z\r\nSUMMARY:A\r\n\t long \r\n  story\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ),
    (
        "names in lower case, an order of its own, things nobody knows",
        "begin:VCALENDAR\r\nprodid:x\r\nversion:2.0\r\nX-WR-CALNAME:Mine\r\nbegin:VEVENT\r\nX-UNKNOWN;X-A=\"b;c\":d\\,e\r\n\
         dtstart:20260107T120000Z\r\nuid:3\r\ndtstamp:20260105T110000Z\r\nend:VEVENT\r\nend:VCALENDAR\r\n",
    ),
    (
        "letters of every script",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:4\r\nDTSTAMP:20260105T110000Z\r\n\
         SUMMARY:Grüße — まだ — 🎉\r\nDESCRIPTION:\\n\\;\\,\\\\\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
    ),
    (
        "an empty line at the end, and a zone of its own making",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Home\r\nBEGIN:STANDARD\r\n\
         DTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
         BEGIN:VEVENT\r\nUID:5\r\nDTSTAMP:20260105T110000Z\r\nDTSTART;TZID=Home:20260107T120000\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n\r\n",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stored_objects_come_back_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice"], &[]).await;
    for (number, (title, text)) in ODD.into_iter().enumerate() {
        let path = format!("/calendars/alice/calendar/{number}.ics");
        let stored = server.put("alice", &path, text).await;
        assert_eq!(stored.status(), 201, "{title}");
        let etag = stored.headers().get("etag").expect("stored as it was sent").clone();
        let read = server.get("alice", &path).await;
        assert_eq!(read.headers().get("etag"), Some(&etag), "{title}");
        assert_eq!(read.text().await.expect("text"), text, "{title}");
    }
    server.stop().await;
}
