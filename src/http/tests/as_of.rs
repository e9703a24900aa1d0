//! At every position, `/asof/` returns the responses that the server gave at that position; also
//! for random histories.

use std::collections::BTreeMap;

use super::server::Server;

const CALENDARS: [&str; 2] = ["calendar", "work"];
const NAMES: [&str; 4] = ["a.ics", "b.ics", "c%20d.ics", "e.ics"];

/// A pseudo-random number generator that gives the same numbers in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    fn path(&mut self) -> String {
        format!("/calendars/anna/{}/{}", CALENDARS[self.below(CALENDARS.len())], NAMES[self.below(NAMES.len())])
    }
}

const ACL: &str = "<D:acl xmlns:D=\"DAV:\"><D:ace><D:principal><D:authenticated/></D:principal><D:grant><D:privilege>\
                   <D:read/></D:privilege></D:grant></D:ace></D:acl>";

fn color(number: usize) -> String {
    format!(
        "<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop><X:color xmlns:X=\"urn:x\">{number}</X:color></D:prop>\
         </D:set></D:propertyupdate>"
    )
}

/// Sends one random request. Most of these requests succeed.
async fn act(server: &Server, dice: &mut Dice, number: usize) {
    let path = dice.path();
    let uid = format!("uid-{}", dice.below(5));
    let lines = format!("DTSTART:20260107T1{}0000Z\nSUMMARY:Text {number}", number % 10);
    let send = |method, path: String, headers: Vec<(&'static str, String)>, body: String| async move {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        server.send("anna", method, &path, &headers, &body).await
    };
    match dice.below(13) {
        0..=5 => drop(send("PUT", path, vec![], specimens::event(&uid, &lines)).await),
        6 | 7 => drop(send("DELETE", path, vec![], String::new()).await),
        8 | 9 => drop(send("MOVE", path, vec![("destination", dice.path())], String::new()).await),
        10 => drop(send("ACL", path, vec![], ACL.to_owned()).await),
        11 => drop(send("PROPPATCH", path, vec![], color(number)).await),
        _ if dice.below(3) == 0 => {
            drop(send("DELETE", "/calendars/anna/work/".to_owned(), vec![], String::new()).await);
        }
        _ => drop(send("MKCALENDAR", "/calendars/anna/work/".to_owned(), vec![], String::new()).await),
    }
}

const COLOR: &str = "<D:propfind xmlns:D=\"DAV:\"><D:prop><X:color xmlns:X=\"urn:x\"/><D:acl/></D:prop></D:propfind>";

/// The responses for a path: the status, the entity tag and the body of GET, and the body of
/// PROPFIND.
type Said = (u16, Option<String>, String, String);

async fn everything(server: &Server, prefix: &str) -> BTreeMap<String, Said> {
    let mut said = BTreeMap::new();
    for path in CALENDARS.iter().flat_map(|calendar| NAMES.map(|name| format!("/calendars/anna/{calendar}/{name}"))) {
        let then = format!("{prefix}{path}");
        let answer = server.send("anna", "GET", &then, &[], "").await;
        let etag = answer.header("etag").map(str::to_owned);
        let (status, body) = answer.parts();
        let (_, properties) = server.send("anna", "PROPFIND", &then, &[("depth", "0")], COLOR).await.parts();
        let shown = |text: String| if status == 200 { text.replace(prefix, "") } else { String::new() };
        said.insert(path, (status, etag, shown(body), shown(properties)));
    }
    said
}

#[actix_web::test]
async fn every_position_of_a_random_history_is_answered_as_it_was() {
    for seed in 0..2 {
        let (server, mut dice) = (Server::start().await, Dice(seed));
        server.send("anna", "MKCALENDAR", "/calendars/anna/work/", &[], "").await;
        let mut seen = BTreeMap::new();
        for number in 0..100 {
            act(&server, &mut dice, number).await;
            let head = server.service().models().position();
            seen.insert(head, everything(&server, "").await);
        }
        assert!(seen.len() > 30, "seed {seed}: only {} positions", seen.len());
        for (position, then) in seen {
            assert_eq!(
                everything(&server, &format!("/asof/{position}")).await,
                then,
                "seed {seed}, position {position}"
            );
        }
    }
}

#[actix_web::test]
async fn a_resource_in_a_younger_calendar_has_the_properties_that_it_brought() {
    let (server, text) = (Server::start().await, specimens::event("a", "DTSTART:20260107T100000Z"));
    let (old, new) = ("/calendars/anna/calendar/a.ics", "/calendars/anna/work/a.ics");
    server.send("anna", "PUT", old, &[], &text).await;
    server.send("anna", "PROPPATCH", old, &[], &color(1)).await;
    server.send("anna", "ACL", old, &[], ACL).await;
    // The first calendar with this name is deleted, so the present one is younger than the object
    // that moves into it.
    for method in ["MKCALENDAR", "DELETE", "MKCALENDAR"] {
        server.send("anna", method, "/calendars/anna/work/", &[], "").await;
    }
    assert_eq!(server.send("anna", "MOVE", old, &[("destination", new)], "").await.status, 201);
    let then = everything(&server, &format!("/asof/{}", server.service().models().position())).await;
    assert!(then[new].3.contains(">1</X:color>"), "{}", then[new].3);
    assert_eq!(then, everything(&server, "").await);
}

#[actix_web::test]
async fn hrefs_that_clients_stored_stay_as_they_are_and_the_servers_lead_into_the_past() {
    let server = Server::start().await;
    let (calendar, file) = ("/calendars/anna/calendar/", "/calendars/anna/links.xml");
    let links =
        "<X:links xmlns:X=\"urn:x\"><X:href>/calendars/</X:href><D:href xmlns:D=\"DAV:\">/a</D:href> b</X:links>";
    let set = format!("<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>{links}</D:prop></D:set></D:propertyupdate>");
    assert_eq!(server.send("anna", "PROPPATCH", calendar, &[], &set).await.status, 207);
    let xml = [("content-type", "application/xml")];
    assert_eq!(server.send("anna", "PUT", file, &xml, links).await.status, 201);
    let prefix = format!("/asof/{}", server.service().models().position());
    for body in [
        "<D:propfind xmlns:D=\"DAV:\"><D:prop><X:links xmlns:X=\"urn:x\"/><D:owner/></D:prop></D:propfind>",
        "<D:propfind xmlns:D=\"DAV:\"><D:allprop/><D:include><D:owner/></D:include></D:propfind>",
    ] {
        let path = format!("{prefix}{calendar}");
        let (_, then) = server.send("anna", "PROPFIND", &path, &[("depth", "0")], body).await.parts();
        assert!(then.contains(links), "{then}");
        let hrefs = [&path, &format!("{prefix}/principals/anna/")].map(|path| format!("<D:href>{path}</D:href>"));
        assert!(hrefs.iter().all(|href| then.contains(href)), "{then}");
    }
    let stored = server.send("anna", "GET", &format!("{prefix}{file}"), &[], "").await;
    assert_eq!(stored.parts(), (200, links.to_owned()));
}

#[actix_web::test]
async fn the_past_is_for_the_owner_and_administrators_and_only_answers() {
    let server = Server::start().await;
    let path = "/calendars/anna/calendar/a.ics";
    let text = specimens::event("a", "DTSTART:20260107T100000Z");
    assert_eq!(server.send("anna", "PUT", path, &[], &text).await.status, 201);
    let position = server.service().models().position();
    assert_eq!(server.send("anna", "DELETE", path, &[], "").await.status, 204);
    let then = format!("/asof/{position}{path}");
    for (who, status) in [("anna", 200), ("admin", 200), ("bert", 404), ("", 401)] {
        assert_eq!(server.send(who, "GET", &then, &[], "").await.status.as_u16(), status, "{who}");
    }
    for method in ["PUT", "DELETE", "MOVE", "PROPPATCH", "ACL", "POST", "MKCALENDAR"] {
        assert_eq!(server.send("admin", method, &then, &[], "").await.status, 405, "{method}");
    }
    let options = server.send("anna", "OPTIONS", &then, &[], "").await;
    assert_eq!(options.header("allow"), Some("OPTIONS, GET, HEAD, PROPFIND, REPORT"));
    assert_eq!(server.send("anna", "GET", "/asof/then/calendars/anna/", &[], "").await.status, 400);
    let early = server.send("anna", "GET", &format!("/asof/2000-01-01T00:00:00Z{path}"), &[], "").await;
    assert_eq!(early.status, 404);
    let now = server.service().head().await.expect("the journal is read");
    for (position, status) in [(now, 207), (now.next(), 404), (schemas::Position(u64::MAX), 404)] {
        let home = format!("/asof/{position}/calendars/anna/");
        assert_eq!(
            server.send("anna", "PROPFIND", &home, &[("Depth", "0")], "").await.status.as_u16(),
            status,
            "{home}"
        );
    }

    let query = format!(
        "<C:calendar-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><C:calendar-data/></D:prop>\
         <D:href>{then}</D:href></C:calendar-multiget>"
    );
    let collection = format!("/asof/{position}/calendars/anna/calendar/");
    let found = server.send("anna", "REPORT", &collection, &[], &query).await.body;
    assert!(found.contains(&format!("<D:href>{then}</D:href>")) && found.contains("UID:a"), "{found}");
}

#[actix_web::test]
async fn a_multiget_of_the_past_answers_each_href_as_it_was_requested() {
    let server = Server::start().await;
    let (calendar, path) = ("/calendars/anna/calendar/", "/calendars/anna/calendar/a.ics");
    let text = specimens::event("a", "DTSTART:20260107T100000Z");
    assert_eq!(server.send("anna", "PUT", path, &[], &text).await.status, 201);
    let position = server.service().models().position();
    let (then, before) = (format!("/asof/{position}"), format!("/asof/{}", position.0 - 1));
    let asked = |tree: &str| {
        let hrefs = [
            (format!("{then}{path}"), tree == then),
            (format!("{then}{calendar}none.ics"), false),
            (format!("{before}{path}"), false),
            (path.to_owned(), tree.is_empty()),
            (format!("{then}/calendars/anna/other/a.ics"), false),
        ];
        let all: Vec<&str> = hrefs.iter().map(|(href, _)| href.as_str()).collect();
        let all = format!("<D:href>{}</D:href>", all.join("</D:href><D:href>"));
        let query = format!(
            "<C:calendar-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/></D:prop>\
             {all}</C:calendar-multiget>"
        );
        (hrefs, query)
    };
    for tree in [then.as_str(), ""] {
        let (hrefs, query) = asked(tree);
        let found = server.send("anna", "REPORT", &format!("{tree}{calendar}"), &[], &query).await.body;
        for (href, is_there) in hrefs {
            let said =
                found.split(&format!("<D:href>{href}</D:href>")).nth(1).unwrap_or_else(|| panic!("{href}: {found}"));
            let said = said.split("</D:response>").next().unwrap();
            assert_eq!(said.contains("getetag"), is_there, "{tree}: {href}: {said}");
            assert_eq!(said.contains("404"), !is_there, "{tree}: {href}: {said}");
        }
    }
}
