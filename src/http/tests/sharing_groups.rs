//! Calendars that are shared with a group appear in the homes of its members. They appear and
//! disappear with changes of membership.

use schemas::principal::{MeetingsOfRetired, PrincipalRetired};
use service::{
    principals::{Command, Extent},
    sharing::{Appears, Grant, Level, Scope},
};

use super::{
    server::Server,
    sharing::{SHARED, WORK, set, share, xml},
};

const HOME: &str = "<D:propfind><D:prop><D:displayname/></D:prop></D:propfind>";

impl Server {
    async fn members(&self, names: &[&str]) {
        let directory = self.service().models().directory();
        let members = names.iter().map(|name| directory.by_name(name).expect("somebody").id).collect();
        self.change("team", Command::SetMembers { members }).await;
    }

    /// Shares Anna's calendar with a person or group, as an operator would.
    async fn operator_gives(&self, to: &str, level: Level) {
        let directory = self.service().models().directory();
        let id = |name: &str| directory.by_name(name).expect("somebody").id;
        let calendar = self.service().models().collection(id("anna"), "calendar").unwrap().expect("a calendar").id;
        let grant = Grant {
            owner: id("anna"),
            to: id(to),
            scope: Scope::Calendar(calendar),
            level,
            sends: false,
            appears: Appears::AtOnce,
            summary: String::new(),
        };
        let stamp = service::clock::stamp(None, None, schemas::Client::default(), service::clock::new_id());
        self.service().share(&stamp, &grant, Extent::Apply).await.expect("shared");
    }

    async fn bert_sees(&self) -> u16 {
        self.send("bert", "GET", SHARED, &[], "").await.status.as_u16()
    }

    async fn bert_finds(&self) -> bool {
        xml(self, "bert", "PROPFIND", "/calendars/bert/", HOME).await.1.contains(SHARED)
    }
}

#[actix_web::test]
async fn what_an_operator_shares_with_a_group_is_in_the_homes_of_its_members_as_long_as_they_are_in_it() {
    let server = Server::start().await;
    server.operator_gives("team", Level::Read).await;
    assert!(server.bert_finds().await);
    let name =
        "<D:propertyupdate><D:set><D:prop><D:displayname>Hers</D:displayname></D:prop></D:set></D:propertyupdate>";
    assert_eq!(xml(&server, "bert", "PROPPATCH", SHARED, name).await.0, 207);
    let names = xml(&server, "bert", "PROPFIND", "/calendars/bert/", HOME).await.1;
    assert!(names.contains("Hers"), "{names}");
    assert!(!xml(&server, "anna", "PROPFIND", "/calendars/anna/", HOME).await.1.contains("Hers"));
    assert!(!xml(&server, "bert", "PROPFIND", "/calendars/", HOME).await.1.contains(WORK), "it is not listed twice");

    let token = server.send("bert", "REPORT", "/calendars/bert/", &[("Depth", "0")], &sync("")).await.body;
    let token =
        token.split("<D:sync-token>").nth(1).and_then(|rest| rest.split('<').next()).expect("a token").to_owned();
    server.members(&["anna", "admin"]).await;
    assert_eq!((server.bert_sees().await, server.bert_finds().await), (404, false), "he left the team");
    let again = server.send("bert", "REPORT", "/calendars/bert/", &[("Depth", "0")], &sync(&token)).await;
    assert!(again.status == 403 && again.body.contains("valid-sync-token"), "{}", again.body);
    let all = server.send("bert", "REPORT", "/calendars/bert/", &[("Depth", "0")], &sync("")).await.body;
    assert!(!all.contains(SHARED) && all.contains("/calendars/bert/calendar/"), "{all}");
    assert_eq!(server.send("admin", "GET", "/calendars/admin/anna-calendar/", &[], "").await.status, 200);
    server.members(&["anna", "bert"]).await;
    assert!(server.bert_finds().await, "he is in it again");
}

#[actix_web::test]
async fn a_sharee_who_reads_as_everybody_does_keeps_the_calendar() {
    let server = Server::start().await;
    server.operator_gives("bert", Level::Read).await;
    let all = "<D:acl><D:ace><D:principal><D:authenticated/></D:principal><D:grant><D:privilege><D:read/></D:privilege>\
               </D:grant></D:ace></D:acl>";
    assert_eq!(xml(&server, "anna", "ACL", WORK, all).await.0, 200);
    server.operator_gives("admin", Level::Read).await;
    assert_eq!((server.bert_sees().await, server.bert_finds().await), (200, true));
}

#[actix_web::test]
async fn a_sharee_to_whom_reading_is_denied_loses_the_calendar_although_everybody_else_reads() {
    let server = Server::start().await;
    server.operator_gives("bert", Level::Read).await;
    let all = "<D:acl><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal><D:deny><D:privilege><D:read/>\
               </D:privilege></D:deny></D:ace><D:ace><D:principal><D:authenticated/></D:principal><D:grant>\
               <D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>";
    assert_eq!(xml(&server, "anna", "ACL", WORK, all).await.0, 200);
    server.operator_gives("admin", Level::Read).await;
    assert_eq!((server.bert_sees().await, server.bert_finds().await), (404, false));
    let service = server.service();
    let models = service.models();
    let directory = models.directory();
    let [anna, bert] = ["anna", "bert"].map(|name| directory.by_name(name).expect("somebody").id);
    let calendar = models.collection(anna, "calendar").unwrap().expect("a calendar").id;
    let sharees = models.sharees(calendar).unwrap();
    assert!(sharees.iter().all(|offered| offered.sharee != bert), "{sharees:?}");
}

#[actix_web::test]
async fn a_group_that_is_retired_takes_its_calendars_along() {
    let server = Server::start().await;
    server.operator_gives("team", Level::Read).await;
    assert!(server.bert_finds().await);
    let leaving = PrincipalRetired { meetings: MeetingsOfRetired::Keep, successor: None };
    server.change("team", Command::Retire(leaving)).await;
    assert_eq!((server.bert_sees().await, server.bert_finds().await), (404, false));
}

fn sync(token: &str) -> String {
    format!(
        "<D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>\
         <D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
}

#[actix_web::test]
async fn a_member_keeps_what_they_have_by_name() {
    let server = Server::start().await;
    server.operator_gives("bert", Level::Read).await;
    server.operator_gives("team", Level::Write).await;
    let event = include_str!("objects/hours.ics");
    let put =
        async |name: &str| server.send("bert", "PUT", &format!("{SHARED}{name}"), &[], event).await.status.as_u16();
    assert_eq!(put("1.ics").await, 201, "as a member of the team");
    server.members(&["anna"]).await;
    assert_eq!((server.bert_sees().await, put("2.ics").await), (200, 403), "by name he reads");
}

#[actix_web::test]
async fn an_owner_invites_the_members_of_a_group_and_those_who_come_later() {
    let server = Server::start().await;
    server.members(&["anna"]).await;
    assert_eq!(share(&server, WORK, &set("team", "Ours", "read")).await.0, 200);
    assert!(!server.bert_finds().await);
    server.members(&["anna", "bert"]).await;
    assert!(!server.bert_finds().await, "he has not accepted");
    let messages = "/calendars/bert/notifications/";
    let listed = xml(&server, "bert", "PROPFIND", messages, HOME).await.1;
    let message = listed.split(messages).nth(2).and_then(|rest| rest.split('<').next()).expect("a message").to_owned();
    let invitation = server.send("bert", "GET", &format!("{messages}{message}"), &[], "").await.body;
    assert!(invitation.contains("<CS:summary>Ours</CS:summary>"), "{invitation}");
    let uid = invitation.split("<CS:uid>").nth(1).and_then(|rest| rest.split('<').next()).expect("a uid").to_owned();
    assert_eq!(super::sharing::accept(&server, &uid).await.0, 200);
    assert!(server.bert_finds().await);
    let asked = "<D:propfind><D:prop><CS:invite/></D:prop></D:propfind>";
    let invited = xml(&server, "anna", "PROPFIND", WORK, asked).await.1;
    assert!(invited.contains("mailto:team@example.com") && invited.contains("mailto:bert@example.com"), "{invited}");

    let remove = "<CS:remove><D:href>mailto:team@example.com</D:href></CS:remove>";
    assert_eq!(share(&server, WORK, remove).await.0, 200);
    assert_eq!((server.bert_sees().await, server.bert_finds().await), (404, false));
    let listed = xml(&server, "bert", "PROPFIND", messages, HOME).await.1;
    assert!(listed.contains(&message), "he is told that it is over: {listed}");
}

#[actix_web::test]
async fn one_who_took_it_out_of_their_home_is_not_asked_again() {
    let server = Server::start().await;
    server.operator_gives("team", Level::Read).await;
    assert_eq!(server.send("bert", "DELETE", SHARED, &[], "").await.status, 204);
    server.members(&["anna", "bert", "admin"]).await;
    assert!(!server.bert_finds().await);
}

/// Returns the entity tag, the ctag and the sync token of Anna's calendar, as Bert sees them.
async fn state(server: &Server) -> (String, String, String) {
    let asked = "<D:propfind><D:prop><CS:getctag/><D:sync-token/></D:prop></D:propfind>";
    let found = xml(server, "bert", "PROPFIND", WORK, asked).await.1;
    let value = |name: &str| {
        let start = found.split(name).nth(1).and_then(|rest| rest.split_once('>')).expect("a property").1;
        start.split('<').next().unwrap_or_default().to_owned()
    };
    let answer = server.send("bert", "GET", WORK, &[], "").await;
    (answer.header("ETag").expect("a tag").to_owned(), value("getctag"), value("sync-token"))
}

#[actix_web::test]
async fn a_change_of_the_groups_of_somebody_is_one_of_what_they_read() {
    let server = Server::start().await;
    server.operator_gives("bert", Level::Read).await;
    let event = include_str!("objects/meeting.ics");
    for name in ["a.ics", "b.ics"] {
        let event = event.replace("UID:", &format!("UID:{name}"));
        assert_eq!(server.send("anna", "PUT", &format!("{WORK}{name}"), &[], &event).await.status, 201);
    }
    let deny = "<D:acl><D:ace><D:principal><D:href>/principals/team/</D:href></D:principal>\
                <D:deny><D:privilege><D:all/></D:privilege></D:deny></D:ace></D:acl>";
    assert_eq!(xml(&server, "anna", "ACL", &format!("{WORK}b.ics"), deny).await.0, 200);
    let report = async |token: &str, limit: &str| {
        let body = sync(token).replace("<D:prop>", &format!("{limit}<D:prop>"));
        server.send("bert", "REPORT", WORK, &[("Depth", "0")], &body).await
    };
    let token = |answer: &str| {
        answer.split("<D:sync-token>").nth(1).and_then(|rest| rest.split('<').next()).expect("a token").to_owned()
    };
    let first = report("", "").await.body;
    assert!(first.contains("a.ics") && !first.contains("b.ics"), "{first}");
    let (tag, ctag, property) = state(&server).await;
    assert_eq!(property, token(&first));
    let unchanged =
        async |tag: &str| server.send("bert", "GET", WORK, &[("If-None-Match", tag)], "").await.status.as_u16() == 304;
    assert!(unchanged(&tag).await);

    server.members(&["anna"]).await;
    assert!(!unchanged(&tag).await, "he reads b.ics now");
    let (_, new_ctag, _) = state(&server).await;
    assert_ne!(new_ctag, ctag);
    let refused = report(&token(&first), "").await;
    assert!(refused.status == 403 && refused.body.contains("valid-sync-token"), "{}", refused.body);
    let all = report("", "").await.body;
    assert!(all.contains("a.ics") && all.contains("b.ics"), "{all}");
    let next = report(&token(&all), "").await;
    assert!(next.status == 207 && !next.body.contains(".ics"), "{}", next.body);
    assert_eq!(state(&server).await.2, token(&all));
    let of_home = sync("").replace("<D:getetag/>", "<D:sync-token/>");
    let home = server.send("bert", "REPORT", "/calendars/bert/", &[("Depth", "0")], &of_home).await.body;
    assert!(home.contains(SHARED) && home.contains(&token(&all)), "the home tells the same token: {home}");

    let limit = "<D:limit><D:nresults>1</D:nresults></D:limit>";
    let page = report("", limit).await.body;
    let rest = report(&token(&page), limit).await;
    assert_eq!(rest.status, 207, "a page goes on: {}", rest.body);
    assert!(page.contains("a.ics") != rest.body.contains("a.ics"), "{page} {}", rest.body);
}
