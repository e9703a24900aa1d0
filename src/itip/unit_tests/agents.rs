//! Tests of SCHEDULE-AGENT and SCHEDULE-FORCE-SEND (RFC 6638 §7.1, §7.2).

use super::world::{World, as_owner, object};
use crate::inbound::OrganizersComments;
use crate::{Method, ScheduleReply, attendee, organizer};
use ical::Document;

fn lunch(bob: &str) -> String {
    object(&[&format!(
        "DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nSUMMARY:Lunch\nORGANIZER:mailto:anna@example.org\n\
         ATTENDEE{bob}:mailto:bob@example.org"
    )])
}

/// The messages depend on SCHEDULE-AGENT before and after the change (RFC 6638 §3.2.1.1 to
/// §3.2.1.3).
#[test]
fn what_an_attendee_is_told_depends_on_their_agent_before_and_after() {
    let (server, client, none, other) =
        (";SCHEDULE-AGENT=SERVER", ";SCHEDULE-AGENT=CLIENT", ";SCHEDULE-AGENT=NONE", ";SCHEDULE-AGENT=X-PIGEON");
    let rows = [
        ("created, server", None, Some(server), "REQUEST to bob: invited"),
        ("created, client", None, Some(client), "REQUEST not to mailto:bob@example.org: agent-client"),
        ("created, none", None, Some(none), "REQUEST not to mailto:bob@example.org: agent-none"),
        ("created, unknown is none", None, Some(other), "REQUEST not to mailto:bob@example.org: agent-none"),
        ("server to client", Some(server), Some(client), "CANCEL to bob: uninvited"),
        ("server to none", Some(server), Some(none), "CANCEL to bob: uninvited"),
        ("client to server", Some(client), Some(server), "REQUEST to bob: invited"),
        ("none to server", Some(none), Some(server), "REQUEST to bob: invited"),
        ("removed, server", Some(server), None, "CANCEL to bob: cancelled"),
        ("removed, client", Some(client), None, "CANCEL not to mailto:bob@example.org: agent-client"),
    ];
    for (title, before, after, expected) in rows {
        let mut world = World::new();
        if let Some(before) = before {
            world.put("anna", Some(&lunch(before))).expect(title);
            world.log();
        }
        world.put("anna", after.map(lunch).as_deref()).expect(title);
        let said: Vec<_> = world.log().into_iter().filter(|line| !line.starts_with(' ')).collect();
        assert!(said.contains(&expected.to_owned()), "{title}: {said:?}");
    }
}

/// When an organizer removes an object, every listed attendee gets a CANCEL, even if the object is
/// cancelled already (RFC 6638 §3.2.1.3).
#[test]
fn removing_what_shows_as_cancelled_is_told_all_the_same() {
    let mut world = World::new();
    let cancelled = |text: &str| text.replace("SUMMARY", "STATUS:CANCELLED\r\nSUMMARY");
    world.put("anna", Some(&lunch(""))).expect("anna may invite");
    world.put("anna", Some(&cancelled(&lunch("")))).expect("anna may cancel");
    world.log();
    world.put("anna", None).expect("anna may remove it");
    assert_eq!(world.log(), ["CANCEL to bob: cancelled", "  bob already-so, told"]);
}

#[test]
fn no_parameter_of_scheduling_leaves_with_a_message() {
    let mut world = World::new();
    world
        .put("anna", Some(&lunch(";SCHEDULE-AGENT=SERVER;SCHEDULE-FORCE-SEND=REQUEST;X-MINE=1")))
        .expect("anna may invite");
    assert_eq!(world.lines("bob", "ATTENDEE"), ["ATTENDEE:mailto:bob@example.org"]);
    assert_eq!(
        world.lines("anna", "ATTENDEE"),
        ["ATTENDEE;SCHEDULE-AGENT=SERVER;X-MINE=1;SCHEDULE-STATUS=1.2:mailto:bob@example.org"]
    );
}

#[test]
fn a_forced_request_is_sent_though_nothing_changed_and_the_wish_is_not_kept() {
    let mut world = World::new();
    world.put("anna", Some(&lunch(""))).expect("anna may invite");
    world.log();
    world.put("anna", Some(&lunch(";SCHEDULE-FORCE-SEND=REQUEST"))).expect("anna may");
    assert_eq!(world.log()[0], "REQUEST to bob: forced");
    assert!(!world.copies["anna"].contains("FORCE-SEND"));
    world.put("anna", Some(&lunch(";SCHEDULE-FORCE-SEND=PIGEON"))).expect("anna may");
    assert_eq!(world.log(), Vec::<String>::new());
    assert_eq!(world.lines("anna", "ATTENDEE"), ["ATTENDEE;SCHEDULE-STATUS=2.3:mailto:bob@example.org"]);
}

#[test]
fn the_wish_is_not_kept_in_the_organizers_own_lines_either() {
    let mut world = World::new();
    let forced = lunch("").replace("ORGANIZER:", "ORGANIZER;SCHEDULE-FORCE-SEND=REQUEST:").replace(
        "ATTENDEE:",
        "ATTENDEE;PARTSTAT=ACCEPTED;SCHEDULE-FORCE-SEND=REQUEST:mailto:anna@example.org\r\nATTENDEE:",
    );
    world.put("anna", Some(&forced)).expect("anna may invite");
    assert_eq!(world.log()[0], "REQUEST to bob: invited");
    assert!(!world.copies["anna"].contains("FORCE-SEND"), "{}", world.copies["anna"]);
}

#[test]
fn the_wish_is_not_kept_where_a_delegation_is_put_back() {
    let mut world = World::new();
    world.put("anna", Some(&lunch(""))).expect("anna may invite");
    let delegated = world.copies["bob"].replace(
        "ATTENDEE:mailto:bob",
        "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:carol@example.org\":mailto:bob",
    );
    world.put("bob", Some(&delegated)).expect("bob may delegate");
    assert_eq!(world.partstats("anna", "bob"), ["DELEGATED"]);
    world.put("anna", Some(&lunch(";PARTSTAT=DELEGATED;SCHEDULE-FORCE-SEND=REQUEST"))).expect("anna may");
    let stored = world.copies["anna"].replace("\r\n ", "");
    assert!(stored.contains("DELEGATED-TO=") && !stored.contains("FORCE-SEND"), "{stored}");
}

#[test]
fn a_forced_reply_is_sent_though_nothing_changed() {
    let mut world = World::new();
    world.put("anna", Some(&lunch(""))).expect("anna may invite");
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    world.log();
    let forced = world.copies["bob"].replace("ORGANIZER;", "ORGANIZER;SCHEDULE-FORCE-SEND=REPLY;");
    world.put("bob", Some(&forced)).expect("bob may");
    assert_eq!(world.log()[0], "REPLY to anna: answered");
    assert!(!world.copies["bob"].contains("FORCE-SEND"));
}

#[test]
fn an_attendee_whose_client_answers_itself_is_left_alone() {
    let mut world = World::new();
    let invitation = lunch(";PARTSTAT=ACCEPTED").replace("ORGANIZER:", "ORGANIZER;SCHEDULE-AGENT=CLIENT:");
    world.put("bob", Some(&invitation)).expect("bob may store it");
    assert_eq!(world.log(), ["REPLY not to mailto:anna@example.org: agent-client"]);
    assert_eq!(world.copies["bob"], invitation);
    let changed = invitation.replace("SUMMARY:Lunch", "SUMMARY:Dinner");
    world.put("bob", Some(&changed)).expect("the server does no special processing");
    world.put("bob", None).expect("bob may remove it");
    assert_eq!(world.log(), ["REPLY not to mailto:anna@example.org: agent-client"]);
}

#[test]
fn an_invitation_stored_by_the_attendee_is_answered() {
    let mut world = World::new();
    world.put("bob", Some(&lunch(";PARTSTAT=ACCEPTED"))).expect("bob may store it");
    assert_eq!(world.log(), ["REPLY to anna: answered", "  anna unknown-object"]);
    let mut world = World::new();
    world.put("bob", Some(&lunch(";PARTSTAT=NEEDS-ACTION"))).expect("bob may store it");
    assert_eq!(world.log(), Vec::<String>::new());
}

#[test]
fn the_organizer_cannot_answer_for_others_but_can_ask_again() {
    let mut world = World::new();
    world.put("anna", Some(&lunch(";PARTSTAT=ACCEPTED"))).expect("anna may invite");
    assert_eq!(
        world.lines("anna", "ATTENDEE"),
        ["ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;SCHEDULE-STATUS=1.2:mailto:bob@example.org"]
    );
    world.answer("bob", "TENTATIVE").expect("bob may answer");
    world.put("anna", Some(&lunch(";PARTSTAT=DECLINED"))).expect("anna may store it");
    assert_eq!(world.partstats("anna", "bob"), ["TENTATIVE"]);
    world.log();
    world.put("anna", Some(&lunch(";PARTSTAT=NEEDS-ACTION"))).expect("anna may ask again");
    assert_eq!(world.log(), ["REQUEST to bob: asked-again", "  bob changed, told"]);
    assert_eq!(world.partstats("bob", "bob"), ["NEEDS-ACTION"]);
    assert_eq!(world.lines("bob", "SEQUENCE"), ["SEQUENCE:1"]);
}

#[test]
fn whom_a_change_does_not_concern_is_known() {
    let meeting = |lines: &str, bobs: &str| {
        object(&[&format!(
            "DTSTART:20260105T120000Z\nSUMMARY:Lunch\n{lines}ORGANIZER:mailto:anna@example.org\n\
                ATTENDEE{bobs}:mailto:bob@example.org\nATTENDEE:mailto:carol@example.org"
        )])
    };
    let untold = |who: &str, before: &str, after: Option<&str>| {
        let read = |text: &str| Document::parse(text).expect("well-formed");
        let (before, after) = (read(before), after.map(read));
        let change = as_owner(who, 0, |context| match who {
            "anna" => organizer::change(Some(&before), after.as_ref(), context),
            _ => attendee::change(
                Some(&before),
                after.as_ref(),
                ScheduleReply::Send,
                &OrganizersComments::default(),
                context,
            ),
        });
        let suppressed = change.expect("an allowed change").suppressed.into_iter();
        suppressed.map(|suppressed| (suppressed.reason, suppressed.recipients.join(" "))).collect::<Vec<_>>()
    };
    let (bob, both) = ("mailto:bob@example.org", "mailto:bob@example.org mailto:carol@example.org");
    let (is, colour) = (meeting("", ""), meeting("COLOR:red\n", ""));
    assert_eq!(untold("anna", &is, Some(&colour)), [("not-significant", both.to_owned())]);
    assert_eq!(untold("anna", &is, Some(&is)), [], "nothing changed");
    assert_eq!(untold("anna", &is, Some(&is.replace("Lunch", "Dinner"))), [], "everybody is told");
    assert_eq!(untold("anna", &is, None), [], "everybody is told");
    let clients = meeting("COLOR:red\n", ";SCHEDULE-AGENT=CLIENT");
    let carol = "mailto:carol@example.org".to_owned();
    assert!(
        untold("anna", &meeting("", ";SCHEDULE-AGENT=CLIENT"), Some(&clients)).contains(&("not-significant", carol))
    );

    let anna = || ("not-significant", "mailto:anna@example.org".to_owned());
    assert_eq!(untold("bob", &is, Some(&colour)), [anna()]);
    assert_eq!(untold("bob", &is, Some(&is)), [], "nothing changed");
    let accepted = is
        .replace(bob, "mailto:bob@example.org")
        .replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
    assert_eq!(untold("bob", &is, Some(&accepted)), [], "anna is told");
    let declined = accepted.replace("ACCEPTED", "DECLINED");
    assert_eq!(untold("bob", &declined, None), [anna()], "she knows already");
}

#[test]
fn what_a_message_that_is_not_sent_would_have_said_is_known() {
    let series = |more: &str| {
        object(&[&format!(
            "DTSTART:20260105T120000Z\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:Daily{more}\n\
                ORGANIZER:mailto:anna@example.org\nATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:bob@example.org"
        )])
    };
    let change = |before: Option<&str>, after: Option<&str>| {
        let read = |text: &str| Document::parse(text).expect("well-formed");
        let (before, after) = (before.map(read), after.map(read));
        as_owner("anna", 0, |context| organizer::change(before.as_ref(), after.as_ref(), context)).expect("anna may")
    };
    let (daily, excluded) = (series(""), series("\nEXDATE:20260106T120000Z"));
    let [invited] = &change(None, Some(&daily)).suppressed[..] else { panic!("bob is invited") };
    assert!(invited.ics.contains("METHOD:REQUEST") && invited.ics.contains("SUMMARY:Daily"), "{}", invited.ics);
    assert!(!invited.ics.contains("SCHEDULE-AGENT"), "{}", invited.ics);
    let [left_out] = &change(Some(&daily), Some(&excluded)).suppressed[..] else { panic!("bob loses an instance") };
    assert_eq!((left_out.method, &left_out.instances[..]), (Method::Cancel, &["20260106T120000Z".to_owned()][..]));
    assert!(left_out.ics.contains("METHOD:CANCEL") && left_out.ics.contains("RECURRENCE-ID:20260106T120000Z"));
    assert_eq!(change(Some(&daily), Some(&daily)).suppressed, [], "nothing changed");
}

#[test]
fn a_message_about_single_instances_names_them() {
    let people = "ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org";
    let series = format!("DTSTART:20260105T120000Z\nRRULE:FREQ=DAILY;COUNT=3\n{people}");
    let with_carl =
        format!("RECURRENCE-ID:20260106T120000Z\nDTSTART:20260106T120000Z\n{people}\nATTENDEE:mailto:carl@example.org");
    let text = Document::parse(object(&[&series, &with_carl])).expect("well-formed");
    let change = as_owner("anna", 0, |context| organizer::change(None, Some(&text), context)).expect("anna may");
    let mut about: Vec<_> =
        change.messages.iter().map(|draft| (draft.recipients.concat(), draft.instances.concat())).collect();
    about.sort();
    let expected = [("mailto:bob@example.org", ""), ("mailto:carl@example.org", "20260106T120000Z")];
    assert_eq!(about, expected.map(|(recipient, instance)| (recipient.to_owned(), instance.to_owned())));
}
