//! Tests of the alarms and other personal data of a sharee in a shared calendar (caldav-sharing
//! §5.5.4).

use schemas::{Event, ObjectEvent, ShareEvent};

use super::{
    server::{Response, Server},
    sharing::{SHARED, WORK, accept, invitations, set, share, shared, xml},
};

const AT_NOON: &str = "DTSTART:20260105T120000Z";
const AT_TWO: &str = "DTSTART:20260105T140000Z";
const ANNAS: &str = "\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Of Anna\nTRIGGER:-PT5M\nEND:VALARM";
const BERTS: &str = "\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Of Bert\nTRIGGER:-PT15M\nEND:VALARM";

fn event(lines: &str) -> String {
    specimens::event("1", lines)
}

async fn put(server: &Server, who: &str, path: &str, conditions: &[(&str, &str)], body: &str) -> Response {
    let headers: Vec<_> = [("Content-Type", "text/calendar")].iter().chain(conditions).copied().collect();
    server.send(who, "PUT", path, &headers, body).await
}

/// Stores `1.ics` as the user `who`. Returns the status.
async fn store(server: &Server, who: &str, calendar: &str, lines: &str) -> u16 {
    put(server, who, &format!("{calendar}1.ics"), &[], &event(lines)).await.status.as_u16()
}

/// Returns the text of `1.ics` and its entity tag, as the user `who` sees them.
async fn seen(server: &Server, who: &str, calendar: &str) -> (String, String) {
    let answer = server.send(who, "GET", &format!("{calendar}1.ics"), &[], "").await;
    let etag = answer.header("etag").unwrap_or_default().to_owned();
    (answer.parts().1, etag)
}

/// Starts a server on which Anna's calendar is shared with Bert. It contains an event with an alarm
/// of Anna.
async fn with_event(access: &str) -> Server {
    let server = shared(access).await;
    assert_eq!(store(&server, "anna", WORK, &format!("{AT_NOON}{ANNAS}")).await, 201);
    server
}

async fn has(server: &Server, who: &str, calendar: &str, text: &str) -> bool {
    seen(server, who, calendar).await.0.contains(text)
}

/// Returns how many events store calendar objects, and how many store Bert's personal data.
async fn written(server: &Server) -> (usize, usize) {
    let events = server.events().await;
    let puts = events.iter().filter(|recorded| matches!(recorded.event, Event::Object(ObjectEvent::Put(_)))).count();
    let own =
        |recorded: &&schemas::Recorded| matches!(recorded.event, Event::Share(ShareEvent::PersonalDataChanged(_)));
    (puts, events.iter().filter(own).count())
}

#[actix_web::test]
async fn a_sharee_who_may_only_read_keeps_alarms_that_nobody_else_sees() {
    let server = with_event("read").await;
    let (before, etag) = seen(&server, "bert", SHARED).await;
    assert_eq!(before, event(AT_NOON), "the owner's alarm is not shown");
    let body = event(&format!("{AT_NOON}{BERTS}"));
    let path = format!("{SHARED}1.ics");
    let stored = put(&server, "bert", &path, &[("If-Match", &etag)], &body).await;
    let (after, new) = seen(&server, "bert", SHARED).await;
    assert_eq!((stored.status.as_u16(), after.as_str()), (204, body.as_str()));
    assert_eq!(stored.header("etag"), Some(new.as_str()), "it is stored as it was sent");
    assert_eq!(seen(&server, "anna", WORK).await, (event(&format!("{AT_NOON}{ANNAS}")), etag.clone()));
    assert_eq!(seen(&server, "admin", SHARED).await, (after, new.clone()));
    assert_eq!(server.send("anna", "GET", &path, &[], "").await.status, 403, "in Bert's home it is his");
    assert_eq!(written(&server).await, (1, 1));
    let rows = [
        ("the tag from before", "If-Match", etag.as_str(), 412),
        ("the tag now", "If-Match", new.as_str(), 204),
        ("any", "If-Match", "*", 204),
        ("none", "If-None-Match", "*", 412),
        ("the tag from before, and none like it", "If-None-Match", etag.as_str(), 204),
    ];
    for (title, header, value, expected) in rows {
        let answer = put(&server, "bert", &path, &[(header, value)], &body).await;
        assert_eq!(answer.status.as_u16(), expected, "{title}");
    }
    let stale = format!("([{etag}])");
    assert_eq!(put(&server, "bert", &path, &[("If", &stale)], &body).await.status, 412);
    assert_eq!(put(&server, "bert", &path, &[("If", &format!("([{new}])"))], &body).await.status, 204);
    assert_eq!(written(&server).await, (1, 1), "the same again is no news");
}

#[actix_web::test]
async fn a_sharee_who_may_only_read_changes_nothing_else() {
    let server = with_event("read").await;
    let texts = [
        ("another time", format!("{AT_TWO}{BERTS}")),
        ("another property", format!("{AT_NOON}\nLOCATION:here{BERTS}")),
        ("another component", format!("{AT_NOON}\nRRULE:FREQ=DAILY{BERTS}")),
    ];
    for (title, text) in texts {
        let (status, why) = put(&server, "bert", &format!("{SHARED}1.ics"), &[], &event(&text)).await.parts();
        assert!(status == 403 && why.contains("need-privileges") && why.contains("write-content"), "{title}: {why}");
    }
    let other = specimens::event("2", AT_NOON);
    assert_eq!(put(&server, "bert", &format!("{SHARED}1.ics"), &[], &other).await.status, 403, "another UID");
    assert_eq!(put(&server, "bert", &format!("{SHARED}2.ics"), &[], &other).await.status, 403, "a new object");
    assert_eq!(put(&server, "bert", &format!("{WORK}1.ics"), &[], &event(AT_NOON)).await.status, 403, "at Anna's");
    assert_eq!(put(&server, "bert", &format!("{SHARED}1.ics"), &[], "BEGIN:VCALENDAR").await.status, 403);
    assert_eq!(written(&server).await, (1, 0));
}

#[actix_web::test]
async fn alarms_of_a_sharee_stay_when_the_owner_moves_the_event_and_end_with_it() {
    let server = with_event("read").await;
    assert_eq!(store(&server, "bert", SHARED, &format!("{AT_NOON}{BERTS}")).await, 204);
    let (_, before) = seen(&server, "bert", SHARED).await;
    assert_eq!(store(&server, "anna", WORK, &format!("{AT_TWO}{ANNAS}")).await, 204);
    let (text, after) = seen(&server, "bert", SHARED).await;
    assert_eq!(text, event(&format!("{AT_TWO}{BERTS}")));
    assert_ne!(before, after);
    let renamed = [("Destination", "/calendars/anna/calendar/2.ics")];
    assert_eq!(server.send("anna", "MOVE", &format!("{WORK}1.ics"), &renamed, "").await.status, 201);
    let (_, text) = server.send("bert", "GET", &format!("{SHARED}2.ics"), &[], "").await.parts();
    assert!(text.contains("Of Bert"), "it has another name: {text}");
    assert_eq!(server.send("anna", "DELETE", &format!("{WORK}2.ics"), &[], "").await.status, 204);
    assert_eq!(store(&server, "anna", WORK, AT_NOON).await, 201);
    assert!(!has(&server, "bert", SHARED, "Of Bert").await, "they ended with the event");
}

#[actix_web::test]
async fn reports_show_each_person_their_own_alarms() {
    let server = with_event("read").await;
    let props = "<D:propfind><D:prop><CS:getctag/></D:prop></D:propfind>";
    let sync = |token: &str| {
        format!(
            "<D:sync-collection><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop>\
             <D:getetag/><C:calendar-data/></D:prop></D:sync-collection>"
        )
    };
    let people = [("anna", WORK), ("bert", SHARED)];
    let mut known = vec![];
    for (who, path) in people {
        let (_, ctag) = xml(&server, who, "PROPFIND", path, props).await;
        let (_, first) = xml(&server, who, "REPORT", path, &sync("")).await;
        let token = first.split("<D:sync-token>").nth(1).and_then(|rest| rest.split('<').next());
        known.push((ctag, token.expect("a token").to_owned()));
    }
    assert_eq!(store(&server, "bert", SHARED, &format!("{AT_NOON}{BERTS}")).await, 204);
    let (text, etag) = seen(&server, "bert", SHARED).await;
    let alarm = "<C:comp-filter name='VEVENT'><C:comp-filter name='VALARM'><C:time-range start='20260105T114400Z' \
                 end='20260105T114600Z'/></C:comp-filter></C:comp-filter>";
    let query = |filter: &str| {
        format!(
            "<C:calendar-query><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter \
             name='VCALENDAR'>{filter}</C:comp-filter></C:filter></C:calendar-query>"
        )
    };
    for ((who, path), (ctag, token)) in people.into_iter().zip(known) {
        let is_bert = who == "bert";
        let multiget = format!(
            "<C:calendar-multiget><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>{path}1.ics</D:href>\
             </C:calendar-multiget>"
        );
        for body in [multiget, query("<C:comp-filter name='VEVENT'/>"), sync("")] {
            let (_, answer) = xml(&server, who, "REPORT", path, &body).await;
            assert_eq!((answer.contains("Of Bert"), answer.contains("Of Anna")), (is_bert, !is_bert), "{answer}");
            assert_eq!(answer.contains(etag.trim_matches('"')), is_bert, "{answer}");
        }
        let (_, found) = xml(&server, who, "REPORT", path, &query(alarm)).await;
        assert_eq!(found.contains("1.ics"), is_bert, "only Bert's alarm is in that range: {found}");
        let (_, changes) = xml(&server, who, "REPORT", path, &sync(&token)).await;
        assert_eq!(changes.contains("1.ics"), is_bert, "{changes}");
        let next = changes.split("<D:sync-token>").nth(1).and_then(|rest| rest.split('<').next()).expect("a token");
        let (_, nothing) = xml(&server, who, "REPORT", path, &sync(next)).await;
        assert!(!nothing.contains("1.ics"), "{nothing}");
        assert_eq!(xml(&server, who, "PROPFIND", path, props).await.1 != ctag, is_bert);
        let (_, whole) = server.send(who, "GET", path, &[], "").await.parts();
        assert_eq!((whole.contains("Of Bert"), whole.contains("Of Anna")), (is_bert, !is_bert));
    }
    let length = "<D:propfind><D:prop><D:getcontentlength/><D:getetag/></D:prop></D:propfind>";
    let (_, shown) = xml(&server, "bert", "PROPFIND", SHARED, length).await;
    assert!(shown.contains(&format!("<D:getcontentlength>{}<", text.len())), "{shown}");
    let head = server.send("bert", "HEAD", &format!("{SHARED}1.ics"), &[], "").await;
    assert_eq!(head.header("etag"), Some(etag.as_str()));
    let same = server.send("bert", "GET", &format!("{SHARED}1.ics"), &[("If-None-Match", &etag)], "").await;
    assert_eq!(same.status, 304);
}

#[actix_web::test]
async fn a_change_of_both_is_split_and_the_owners_history_has_nothing_of_the_sharee() {
    let server = with_event("read-write").await;
    let (_, etag) = seen(&server, "bert", SHARED).await;
    let body = event(&format!("{AT_TWO}\nTRANSP:TRANSPARENT{BERTS}"));
    let answer = put(&server, "bert", &format!("{SHARED}1.ics"), &[("If-Match", &etag)], &body).await;
    assert_eq!(answer.status, 204);
    let shown = seen(&server, "bert", SHARED).await.0;
    assert!(shown.contains("14") && shown.contains("Of Bert") && shown.contains("TRANSPARENT"), "{shown}");
    assert_eq!(seen(&server, "anna", WORK).await.0, event(&format!("{AT_TWO}{ANNAS}")));
    let new = specimens::event("2", &format!("{AT_NOON}{BERTS}"));
    let added = server.send("bert", "POST", SHARED, &[("Content-Type", "text/calendar")], &new).await;
    let name = added.header("location").and_then(|path| path.rsplit('/').next()).expect("a name").to_owned();
    let theirs = server.send("bert", "GET", &format!("{SHARED}{name}"), &[], "").await.parts().1;
    let hers = server.send("anna", "GET", &format!("{WORK}{name}"), &[], "").await.parts().1;
    assert_eq!((theirs, hers), (new, specimens::event("2", AT_NOON)));
    for recorded in server.events().await {
        let text = format!("{:?}", recorded.event);
        let is_own = matches!(recorded.event, Event::Share(_));
        assert!(is_own || !text.contains("Of Bert"), "{text}");
    }
    let etag = seen(&server, "bert", SHARED).await.1;
    let delete =
        async |tag: &str| server.send("bert", "DELETE", &format!("{SHARED}1.ics"), &[("If-Match", tag)], "").await;
    assert_eq!(delete("\"other\"").await.status, 412);
    assert_eq!(delete(&etag).await.status, 204);
    assert_eq!(server.send("anna", "GET", &format!("{WORK}1.ics"), &[], "").await.status, 404);
}

#[actix_web::test]
async fn a_copy_has_what_the_sharee_sees_and_nothing_is_moved_out() {
    let server = with_event("read-write").await;
    assert_eq!(store(&server, "bert", SHARED, &format!("{AT_NOON}{BERTS}")).await, 204);
    let go = async |verb: &str, from: &str, to: &str| {
        server.send("bert", verb, from, &[("Destination", to)], "").await.status.as_u16()
    };
    let own = "/calendars/bert/calendar/";
    for (from, to) in [(SHARED, own), (WORK, own), (SHARED, "/calendars/bert/")] {
        assert_eq!(go("MOVE", &format!("{from}1.ics"), &format!("{to}1.ics")).await, 403, "{from} to {to}");
    }
    assert_eq!(go("MOVE", &format!("{SHARED}1.ics"), &format!("{SHARED}3.ics")).await, 201, "another name");
    assert_eq!(go("MOVE", &format!("{SHARED}3.ics"), &format!("{SHARED}1.ics")).await, 201);
    assert!(has(&server, "bert", SHARED, "Of Bert").await);
    let etag = seen(&server, "bert", SHARED).await.1;
    let owners = seen(&server, "anna", WORK).await.1;
    for (title, tag, expected) in [("the owner's tag", &owners, 412), ("their own", &etag, 201)] {
        let headers = [("Destination", "/calendars/bert/anna-calendar/4.ics"), ("If-Match", tag.as_str())];
        let answer = server.send("bert", "MOVE", &format!("{SHARED}1.ics"), &headers, "").await;
        assert_eq!(answer.status.as_u16(), expected, "{title}");
    }
    assert_eq!(go("MOVE", &format!("{SHARED}4.ics"), &format!("{SHARED}1.ics")).await, 201);
    assert_eq!(go("COPY", &format!("{SHARED}1.ics"), &format!("{own}1.ics")).await, 201);
    assert_eq!(seen(&server, "bert", own).await.0, event(&format!("{AT_NOON}{BERTS}")));
    let text = specimens::event("2", &format!("{AT_NOON}{BERTS}"));
    assert_eq!(put(&server, "bert", &format!("{own}2.ics"), &[], &text).await.status, 201);
    assert_eq!(go("MOVE", &format!("{own}2.ics"), &format!("{SHARED}2.ics")).await, 201);
    let hers = server.send("anna", "GET", &format!("{WORK}2.ics"), &[], "").await.parts().1;
    let his = server.send("bert", "GET", &format!("{SHARED}2.ics"), &[], "").await.parts().1;
    assert_eq!((hers, his), (specimens::event("2", AT_NOON), text));
}

#[actix_web::test]
async fn alarms_of_a_sharee_end_with_the_share() {
    let server = with_event("read").await;
    assert_eq!(store(&server, "bert", SHARED, &format!("{AT_NOON}{BERTS}")).await, 204);
    let ends = [
        (
            "the owner takes it back",
            "anna",
            "<CS:share><CS:remove><D:href>mailto:bert@example.com</D:href></CS:remove></CS:share>",
        ),
        ("the sharee removes it", "bert", ""),
    ];
    for (title, who, body) in ends {
        let status = match body {
            "" => server.send(who, "DELETE", SHARED, &[], "").await.status.as_u16(),
            body => xml(&server, who, "POST", WORK, body).await.0,
        };
        assert!(status < 300, "{title}: {status}");
        assert_eq!(server.send("bert", "GET", &format!("{SHARED}1.ics"), &[], "").await.status, 404, "{title}");
        assert_eq!(share(&server, WORK, &set("bert", "", "read")).await.0, 200);
        let last = invitations(&server).await.pop().expect("an invitation");
        assert_eq!(accept(&server, &last).await.0, 200, "{title}");
        assert_eq!(seen(&server, "bert", SHARED).await.0, event(AT_NOON), "{title}");
        assert_eq!(store(&server, "bert", SHARED, &format!("{AT_NOON}{BERTS}")).await, 204);
    }
}

#[actix_web::test]
async fn alarms_of_a_sharee_are_bounded() {
    let server = with_event("read").await;
    let of = |bytes: usize| {
        let lines =
            format!("\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:{}\nEND:VALARM", "x".repeat(bytes));
        event(&format!("{AT_NOON}{lines}"))
    };
    let path = format!("{SHARED}1.ics");
    assert_eq!(put(&server, "bert", &path, &[], &of(60_000)).await.status, 204);
    let (status, why) = put(&server, "bert", &path, &[], &of(65_536)).await.parts();
    assert!(status == 403 && why.contains("max-resource-size") && why.contains("max-personal-data"), "{status} {why}");
    assert!(has(&server, "bert", SHARED, "xxx").await, "what he had stays");
}

#[actix_web::test]
async fn alarms_of_a_sharee_count_against_their_own_quota() {
    let limits = service::Limits { quota_bytes: Some(2_000), ..service::Limits::default() };
    let server = Server::with_limits(limits).await;
    assert_eq!(share(&server, WORK, &set("bert", "", "read")).await.0, 200);
    let invitation = invitations(&server).await.pop().expect("an invitation");
    let accepted = accept(&server, &invitation).await;
    assert_eq!(accepted.0, 200, "{}", accepted.1);
    assert_eq!(store(&server, "anna", WORK, AT_NOON).await, 201);
    let long = |bytes: usize| format!("{AT_NOON}{}", BERTS.replace("Of Bert", &"x".repeat(bytes)));
    assert_eq!(store(&server, "bert", SHARED, &long(1_000)).await, 204);
    assert_eq!(store(&server, "bert", SHARED, &long(2_000)).await, 507);
    let file = server.send("bert", "PUT", "/calendars/bert/file", &[], &"x".repeat(1_000)).await;
    assert_eq!(file.status, 507, "they leave less room for other things");
}
