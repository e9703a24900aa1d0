//! Tests of the differences between two moments of the history.

use crate::office::{CURL, Office, THUNDERBIRD};

const ALICE: (&str, &str) = ("alice", THUNDERBIRD);
const HOME: &str = "/calendars/alice/";

fn event(uid: &str) -> String {
    specimens::event(uid, "DTSTART:20261209T100000Z")
}

async fn set(office: &Office, path: &str, property: &str) {
    let body = format!(
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:A=\"http://apple.com/ns/ical/\" xmlns:x=\"urn:x\"><D:set><D:prop>{property}\
         </D:prop></D:set></D:propertyupdate>"
    );
    assert_eq!(office.send(("alice", CURL), "PROPPATCH", path, &[], &body).await.status, 207);
}

fn head(office: &Office) -> String {
    let head = office.done(&["head"]);
    let number: String =
        head.chars().skip_while(|one| !one.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    format!("#{number}")
}

#[tokio::test]
async fn everything_that_differs_is_named() {
    let office = Office::open();
    for name in ["work", "old", "gone"] {
        let path = format!("{HOME}{name}/");
        assert_eq!(office.send(ALICE, "MKCALENDAR", &path, &[], "").await.status, 201);
    }
    let work = format!("{HOME}work/");
    for uid in ["kept", "noted", "renamed"] {
        office.put(ALICE, &format!("{work}{uid}.ics"), &event(uid)).await;
    }
    office.put(ALICE, &format!("{HOME}old/same.ics"), &event("same")).await;
    set(&office, &work, "<D:displayname>Work</D:displayname>").await;
    let before = head(&office);
    assert_eq!(
        office.done(&["as-of", &before, HOME, "--diff", "now"]),
        "There is no difference between the two times.\n"
    );

    set(&office, &work, "<D:displayname>Labour</D:displayname><A:calendar-color>#ff0000</A:calendar-color>").await;
    set(&office, &work, "<A:calendar-order>3</A:calendar-order><x:mood>good</x:mood>").await;
    set(&office, &format!("{work}noted.ics"), "<x:mood>bad</x:mood>").await;
    let entry = "<D:ace><D:principal><D:href>/principals/bob/</D:href></D:principal><D:grant><D:privilege><D:read/>\
                 </D:privilege></D:grant></D:ace>";
    let body = format!("<D:acl xmlns:D=\"DAV:\">{entry}</D:acl>");
    assert_eq!(office.send(ALICE, "ACL", &work, &[], &body).await.status, 200);
    assert_eq!(office.send(ALICE, "MKCALENDAR", &format!("{HOME}new/"), &[], "").await.status, 201);
    assert_eq!(office.send(ALICE, "DELETE", &format!("{HOME}gone/"), &[], "").await.status, 204);
    let to = |name: &str| [("destination", format!("{HOME}{name}"))];
    for (from, name) in [("old/", "older/"), ("work/renamed.ics", "work/other.ics")] {
        let to = to(name);
        let headers: Vec<(&str, &str)> = to.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(office.send(ALICE, "MOVE", &format!("{HOME}{from}"), &headers, "").await.status, 201);
    }

    let told = office.done(&["as-of", &before, HOME, "--diff", "now"]);
    let without_numbers: Vec<&str> = told.lines().map(|line| line.split(" (#").next().unwrap()).collect();
    let expected = [
        "- /calendars/alice/gone/",
        "+ /calendars/alice/new/",
        "> /calendars/alice/old/ → /calendars/alice/older/",
        "* /calendars/alice/work/",
        "    - displayname: “Work”",
        "    + displayname: “Labour”",
        "    + calendar-color: “#ff0000”",
        "    + calendar-order: “3”",
        "    + {urn:x}mood: “good”",
        "    + access control list: Bob Brown may read",
        "* /calendars/alice/work/noted.ics",
        "    + {urn:x}mood: “bad”",
        "> /calendars/alice/work/renamed.ics → /calendars/alice/work/other.ics",
    ];
    assert_eq!(without_numbers, expected, "{told}");
    let all = office.done(&["as-of", &before, HOME, "--diff", "now", "--format", "json"]);
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let kinds: Vec<&str> = all.as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["removed", "added", "moved", "changed", "changed", "moved"]);
    assert_eq!(all[3]["details"][0]["after"], "“Labour”");
    let later = office.run(&["as-of", "#99999", HOME]);
    let told = String::from_utf8_lossy(&later.stderr);
    assert!(!later.status.success() && told.contains("there is no event #99999 yet"), "{told}");
    let one = office.done(&["as-of", &before, &format!("{work}kept.ics"), "--diff", "now"]);
    assert_eq!(one, "There is no difference between the two times.\n");
}
