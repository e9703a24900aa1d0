//! Tests of entity tags and sync tokens for events that were lost when the journal was restored
//! from a copy.

use schemas::{Position, Timestamp};
use service::Restored;

use super::server::Server;

const CALENDAR: &str = "/calendars/anna/calendar/";
const TAGS: &str = "<D:propfind xmlns:D='DAV:' xmlns:CS='http://calendarserver.org/ns/'><D:prop><D:getetag/><D:sync-token/>\
                    <CS:getctag/></D:prop></D:propfind>";

fn sync(token: &str) -> String {
    format!(
        "<D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>\
         <D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
}

fn element<'a>(body: &'a str, name: &str) -> &'a str {
    let (_, rest) = body.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name} in {body}"));
    rest.split('<').next().unwrap_or_default()
}

/// RFC 6578 §3.2: a token that the server did not issue for this history is invalid, even if the
/// journal has assigned its position again.
#[actix_web::test]
async fn tags_of_the_lost_history_are_not_those_of_the_new_one() {
    let server = Server::restored(vec![Restored { position: Position(1), at: Timestamp(0xabc) }]).await;
    let event = specimens::event("1", "DTSTART:20260105T120000Z");
    let stored = server.send("anna", "PUT", &format!("{CALENDAR}1.ics"), &[], &event).await;
    assert_eq!(stored.status.as_u16(), 201, "{}", stored.body);
    let tags = server.send("anna", "PROPFIND", CALENDAR, &[("Depth", "0")], TAGS).await;
    let (token, ctag) = (element(&tags.body, "D:sync-token"), element(&tags.body, "CS:getctag"));
    let lost = ctag.strip_suffix(".abc").expect("the mark of the restore");
    assert_eq!(token, format!("data:,{ctag}"));
    assert_eq!(element(&tags.body, "D:getetag"), format!("\"{ctag}\""));

    for path in [CALENDAR, "/calendars/anna/"] {
        for (token, status) in [(token, 207), (&*format!("data:,{lost}"), 403)] {
            let answer = server.send("anna", "REPORT", path, &[("Depth", "0")], &sync(token)).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {token}: {}", answer.body);
            let expected = if status == 403 { "<D:valid-sync-token/>" } else { &*format!("{token}</D:sync-token>") };
            assert!(answer.body.contains(expected), "{path} {token}: {}", answer.body);
        }
    }
    for (tag, status) in [(ctag, 304), (lost, 200)] {
        let got = server.send("anna", "GET", CALENDAR, &[("If-None-Match", &format!("\"{tag}\""))], "").await;
        assert_eq!(got.status.as_u16(), status, "{tag}");
    }
}
