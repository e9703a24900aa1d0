use schemas::{
    CollectionId, ObjectId, PrincipalId,
    collection::COLOR,
    object::Place,
    share::{PersonalData, ShareAccess},
};

use super::*;

const ANNA: PrincipalId = PrincipalId(Uuid::from_u128(1));
const BOB: PrincipalId = PrincipalId(Uuid::from_u128(2));
const FIRST: Uuid = Uuid::from_u128(11);
const SECOND: Uuid = Uuid::from_u128(12);

fn offer(invitation: Uuid, access: ShareAccess) -> Command {
    let (calendar, summary) = (CollectionId(Uuid::from_u128(3)), "Work".to_owned());
    Command::Offer(ShareOffered { home: BOB, owner: ANNA, calendar, invitation, access, summary })
}

fn accept(invitation: Uuid, name: &str) -> Command {
    let accepted = ShareAccepted { name: name.to_owned(), summary: "Anna's".to_owned() };
    Command::Accept { invitation: Some(invitation), accepted }
}

fn color(color: &str) -> Command {
    let set = vec![Property::of_text(COLOR, color)];
    Command::ChangeProperties { set, removed: vec![], settings: Settings::default() }
}

/// Decides commands one after the other. Each row has the expected number of events, or the
/// expected refusal.
fn play(rows: &[(&str, Command, Result<usize, Refusal>)]) -> Share {
    rows.iter().fold(Share::Absent, |share, (title, command, expected)| {
        let decided = decide(&share, command);
        assert_eq!(decided.as_ref().map(Vec::len).map_err(Clone::clone), *expected, "{title}");
        decided.unwrap_or_default().iter().fold(share, evolve)
    })
}

#[test]
fn an_invitation_is_answered_once_and_offered_again_to_one_who_declined() {
    let none = || Err(Refusal::NoSuchInvitation);
    let decline = |invitation| Command::Decline { invitation: Some(invitation) };
    let share = play(&[
        ("nothing is offered", accept(FIRST, "a"), none()),
        ("nothing to take back", Command::Withdraw, Ok(0)),
        ("offered", offer(FIRST, ShareAccess::Read), Ok(1)),
        ("the same again", offer(SECOND, ShareAccess::Read), Ok(0)),
        ("another invitation is answered", accept(SECOND, "a"), none()),
        ("declined", decline(FIRST), Ok(1)),
        ("declined again", decline(FIRST), Ok(0)),
        ("offered again", offer(SECOND, ShareAccess::Read), Ok(1)),
        ("the first invitation is over", accept(FIRST, "a"), none()),
        ("accepted", accept(SECOND, "a"), Ok(1)),
        ("accepted again, as after a lost answer", accept(SECOND, "b"), Ok(0)),
        ("more is offered, and the answer stays", offer(FIRST, ShareAccess::ReadWrite), Ok(1)),
    ]);
    let offered = share.offered().expect("it is offered");
    assert_eq!((offered.offer.invitation, offered.offer.access), (SECOND, ShareAccess::ReadWrite));
    assert_eq!(offered.accepted().map(|(name, _)| name), Some("a"));
}

#[test]
fn what_a_person_makes_of_a_calendar_goes_with_it() {
    let moved = |name: &str| Command::Move { name: name.to_owned() };
    let share = play(&[
        ("offered", offer(FIRST, ShareAccess::Read), Ok(1)),
        ("not accepted: no properties", color("#111111"), Err(Refusal::NotFound)),
        ("not accepted: no name", moved("b"), Err(Refusal::NotFound)),
        ("accepted", accept(FIRST, "a"), Ok(1)),
        ("a colour", color("#111111"), Ok(1)),
        ("the same colour", color("#111111"), Ok(0)),
        ("another name", moved("b"), Ok(1)),
        ("the same name", moved("b"), Ok(0)),
    ]);
    let (name, properties) = share.offered().and_then(Offered::accepted).expect("it is accepted");
    let of = |name| Property::text(properties, name);
    assert_eq!((name, of(COLOR).as_deref()), ("b", Some("#111111")));
    assert_eq!(of(schemas::collection::DISPLAY_NAME).as_deref(), Some("Anna's"));
    let share = decide(&share, &Command::Withdraw).expect("it is taken back").iter().fold(share, evolve);
    assert_eq!(share, Share::Absent);
}

#[test]
fn only_one_who_has_accepted_keeps_data_of_their_own() {
    let keep = |alarm: &str| {
        let place = Place { collection: CollectionId(Uuid::from_u128(3)), name: "1.ics".to_owned() };
        let data = vec![PersonalData { alarms: vec![alarm.to_owned()], ..PersonalData::default() }];
        let object = ObjectId(Uuid::from_u128(4));
        Command::KeepPersonalData(SharePersonalDataChanged { object, place, uid: "1".to_owned(), data })
    };
    let too_large = Refusal::PersonalDataTooLarge { limit_bytes: personal::MAX_PERSONAL_DATA_BYTES };
    play(&[
        ("nothing is offered", keep("x"), Err(Refusal::NotFound)),
        ("offered", offer(FIRST, ShareAccess::Read), Ok(1)),
        ("not accepted", keep("x"), Err(Refusal::NotFound)),
        ("accepted", accept(FIRST, "a"), Ok(1)),
        ("an alarm", keep("x"), Ok(1)),
        ("too much", keep(&"x".repeat(personal::MAX_PERSONAL_DATA_BYTES + 1)), Err(too_large)),
        ("taken back", Command::Withdraw, Ok(1)),
        ("no share", keep("x"), Err(Refusal::NotFound)),
    ]);
}
