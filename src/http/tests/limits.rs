//! Tests limits at their edges: those of calendar objects (RFC 4791 §5.2.5, §5.2.8, §5.2.9), of
//! requests, and of homes.

use service::Limits;

use super::server::Server;

const CALENDAR: &str = "/calendars/anna/calendar/";
const EVENT: &str = "DTSTART:20300105T120000Z";

/// Returns a meeting of Anna with this number of attendees, Anna included.
fn meeting(attendees: usize) -> String {
    let others = (1..attendees).map(|number| format!("\nATTENDEE:mailto:guest{number}@example.net"));
    let organizer = "ORGANIZER:mailto:anna@example.com\nATTENDEE:mailto:anna@example.com";
    specimens::event("meeting", &format!("{EVENT}\n{organizer}{}", others.collect::<String>()))
}

/// Returns an event of exactly this number of bytes.
fn sized(bytes: usize) -> String {
    let short = specimens::event("sized", &format!("{EVENT}\nSUMMARY:"));
    specimens::event("sized", &format!("{EVENT}\nSUMMARY:{}", "x".repeat(bytes - short.len())))
}

fn overridden(instances: usize) -> String {
    let instance = |day: usize| {
        let lines = format!("RECURRENCE-ID:203001{:02}T120000Z\nDTSTART:203001{:02}T130000Z", day + 5, day + 5);
        specimens::component("VEVENT", "many", &lines)
    };
    let master = specimens::component("VEVENT", "many", &format!("{EVENT}\nRRULE:FREQ=DAILY"));
    specimens::calendar(&(master + &(0..instances).map(instance).collect::<String>()))
}

#[actix_web::test]
async fn a_limit_includes_its_value() {
    let limits =
        Limits { max_resource_size_bytes: 600, max_attendees_per_instance: 3, max_instances: 4, ..Limits::default() };
    let server = Server::with_limits(limits).await;
    let counted = |count: usize| specimens::event("counted", &format!("{EVENT}\nRRULE:FREQ=DAILY;COUNT={count}"));
    let listed = |count: usize| {
        let dates: Vec<_> = (0..count).map(|day| format!("203002{:02}T120000Z", day + 1)).collect();
        specimens::event("listed", &format!("{EVENT}\nRDATE:{}", dates.join(",")))
    };
    let rows = [
        ("as large as allowed", sized(600), None),
        ("a byte larger", sized(601), Some("max-resource-size")),
        ("as many attendees as allowed", meeting(3), None),
        ("one more attendee", meeting(4), Some("max-attendees-per-instance")),
        ("a COUNT as allowed", counted(4), None),
        ("a COUNT of one more", counted(5), Some("max-instances")),
        ("as many dates as allowed", listed(4), None),
        ("one more date", listed(5), Some("max-instances")),
    ];
    for (title, ics, condition) in rows {
        let name = format!("{CALENDAR}{}.ics", title.replace(' ', "-"));
        let answer = server.send("anna", "PUT", &name, &[], &ics).await;
        match condition {
            None => assert_eq!(answer.status.as_u16(), 201, "{title}: {}", answer.body),
            Some(condition) => {
                assert_eq!(answer.status.as_u16(), 403, "{title}: {}", answer.body);
                assert!(answer.body.contains(&format!("<C:{condition}/>")), "{title}: {}", answer.body);
            }
        }
        server.send("anna", "DELETE", &name, &[], "").await;
    }
}

#[actix_web::test]
async fn properties_time_zones_and_delegates_of_a_request_are_limited() {
    let server = Server::start().await;
    let named = |count: usize| (0..count).map(|number| format!("<q:a{number}/>")).collect::<Vec<_>>().concat();
    let roots = [
        ("PROPPATCH", "D:propertyupdate", CALENDAR, 207),
        ("MKCALENDAR", "C:mkcalendar", "/calendars/anna/one/", 201),
        ("MKCOL", "D:mkcol", "/calendars/anna/two/", 201),
    ];
    let spaces = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:q='urn:q'";
    for (verb, root, path, done) in roots {
        for (count, expected) in [(95_000, 400), (501, 400), (500, done)] {
            let set = format!("<D:set><D:prop>{}</D:prop></D:set>", named(count));
            let answer = server.send("anna", verb, path, &[], &format!("<{root} {spaces}>{set}</{root}>")).await;
            assert_eq!(answer.status.as_u16(), expected, "{verb} {count}: {}", answer.body);
            assert!(expected == done || answer.body.contains("more than 500 properties"), "{verb}: {}", answer.body);
        }
    }
    let zone = specimens::calendar(
        "BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n\
         TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
    );
    for (count, expected) in [(8, "200 OK"), (9, "403 Forbidden")] {
        let zones = format!("<C:calendar-timezone>{zone}</C:calendar-timezone>").repeat(count);
        let body = format!("<D:propertyupdate {spaces}><D:set><D:prop>{zones}</D:prop></D:set></D:propertyupdate>");
        let answer = server.send("anna", "PROPPATCH", "/calendars/anna/inbox/", &[], &body).await;
        assert!(answer.body.contains(expected), "{count}: {}", answer.body);
    }
    for (count, expected) in [(500, "200 OK"), (501, "409 Conflict")] {
        let members = "<D:href>/principals/bert/</D:href>".repeat(count);
        let set = format!("<D:set><D:prop><D:group-member-set>{members}</D:group-member-set></D:prop></D:set>");
        let body = format!("<D:propertyupdate {spaces}>{set}</D:propertyupdate>");
        let group = "/principals/anna/calendar-proxy-read/";
        let answer = server.send("anna", "PROPPATCH", group, &[], &body).await;
        assert!(answer.body.contains(expected), "{count}: {}", answer.body);
    }
}

/// The number of ACL entries in a home is limited, because many requests read all collections of
/// the home with the ACL that each inherits.
#[actix_web::test]
async fn collections_of_a_home_and_the_entries_of_their_lists_are_limited() {
    let server = Server::start().await;
    let acl = |count: usize| {
        let entry = "<D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal><D:grant><D:privilege><D:read/>\
            </D:privilege></D:grant></D:ace>";
        format!("<D:acl xmlns:D='DAV:'>{}</D:acl>", entry.repeat(count))
    };
    let set = async |path: &str, count: usize| {
        let answer = server.send("anna", "ACL", path, &[], &acl(count)).await;
        (answer.status.as_u16(), answer.body.contains("<D:limited-number-of-aces/>"))
    };
    let (done, refused) = ((200, false), (403, true));
    assert_eq!(set("/calendars/anna/", 1_000).await, done);
    assert_eq!(set(CALENDAR, 999).await, done);
    assert_eq!(set("/calendars/anna/tasks/", 2).await, refused);
    assert_eq!(set("/calendars/anna/tasks/", 1).await, done);
    assert_eq!(set("/calendars/anna/tasks/", 1).await, done, "nothing is added");
    assert_eq!(set(CALENDAR, 1_000).await, refused);
    assert_eq!(set(CALENDAR, 998).await, done);

    // A calendar moves to another home together with its ACL, or does not move.
    assert_eq!(set("/calendars/anna/tasks/", 2).await, done);
    for (path, count) in [("/calendars/bert/", 1_000), ("/calendars/bert/calendar/", 999)] {
        let answer = server.send("bert", "ACL", path, &[], &acl(count)).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    }
    let to = [("Destination", "/calendars/bert/hers/")];
    let moved = server.send("admin", "MOVE", "/calendars/anna/tasks/", &to, "").await;
    assert!(moved.body.contains("limited-number-of-aces"), "{} {}", moved.status, moved.body);
    assert_eq!(server.send("bert", "GET", "/calendars/bert/hers/", &[], "").await.status.as_u16(), 404);
    assert_eq!(server.send("anna", "GET", "/calendars/anna/tasks/", &[], "").await.status.as_u16(), 200);

    let mut made = vec![];
    let refused = loop {
        let path = format!("/calendars/anna/{}/", made.len());
        match server.send("anna", "MKCALENDAR", &path, &[], "").await {
            answer if answer.status.as_u16() == 201 => made.push(path),
            answer => break answer,
        }
    };
    assert_eq!(refused.status.as_u16(), 507, "{}", refused.body);
    assert!(refused.body.contains("at most 1000 collections"), "{}", refused.body);
    assert!((990..1_000).contains(&made.len()), "{}", made.len());
    let removed = server.send("anna", "DELETE", &made[0], &[], "").await;
    assert_eq!(removed.status.as_u16(), 204, "{}", removed.body);
    let again = server.send("anna", "MKCALENDAR", &made[0], &[], "").await;
    assert_eq!(again.status.as_u16(), 201, "{}", again.body);
}

#[actix_web::test]
async fn overridden_instances_are_counted() {
    let server = Server::with_limits(Limits { max_instances: 4, ..Limits::default() }).await;
    let at = format!("{CALENDAR}many.ics");
    assert_eq!(server.send("anna", "PUT", &at, &[], &overridden(4)).await.status.as_u16(), 201);
    let refused = server.send("anna", "PUT", &at, &[], &overridden(5)).await;
    assert!(refused.body.contains("<C:max-instances/>"), "{}", refused.body);
}

/// RFC 4791 §5.3.2.1 names the same preconditions for PUT, COPY and MOVE.
#[actix_web::test]
async fn what_a_file_may_hold_and_a_calendar_may_not_is_refused_when_it_is_copied_or_moved_there() {
    let server = Server::with_limits(Limits { max_attendees_per_instance: 3, ..Limits::default() }).await;
    let (file, object) = ("/calendars/anna/kept.ics", format!("{CALENDAR}kept.ics"));
    let stored = server.send("anna", "PUT", file, &[("Content-Type", "text/calendar")], &meeting(4)).await;
    assert_eq!(stored.status.as_u16(), 201, "{}", stored.body);
    for method in ["COPY", "MOVE"] {
        let refused = server.send("anna", method, file, &[("Destination", &object)], "").await;
        assert_eq!(refused.status.as_u16(), 403, "{method}: {}", refused.body);
        assert!(refused.body.contains("<C:max-attendees-per-instance/>"), "{method}: {}", refused.body);
        assert_eq!(server.send("anna", "GET", file, &[], "").await.status.as_u16(), 200, "{method}: it is still there");
    }
}
