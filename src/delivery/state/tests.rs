//! Tests of the deliveries that are due, of their order, and of the state after a restart.

use schemas::{
    Hash, Metadata, ObjectId, Revision, Stream,
    object::{Delivery, DeliveryReported, MessageIssued, Method, Outcome, Recipient, Visibility},
};

use super::*;
use crate::{Route, Standing, status};

const NOW: Timestamp = Timestamp(1_000_000);

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

/// Routes each recipient to a home, except `team`, `nobody` and `retired`.
struct Everybody;

impl Routes for Everybody {
    fn route(&self, _: &MessageIssued, recipient: &Recipient) -> Route {
        match recipient.address.as_str() {
            "team" => Route::Members,
            "nobody" => Route::Nowhere(status::INVALID_USER),
            name => Route::Home(id(name)),
        }
    }
}

fn message(number: u128, recipients: &[&str]) -> MessageIssued {
    let recipient = |name: &&str| {
        let principal = (*name != "nobody").then(|| id(name));
        Recipient { address: (*name).to_owned(), principal }
    };
    MessageIssued {
        message: Uuid::from_u128(number),
        method: Method::Request,
        uid: "lunch".to_owned(),
        sender: "anna".to_owned(),
        sender_home: id("anna"),
        taken_over_from: None,
        recipients: recipients.iter().map(recipient).collect(),
        visibility: Visibility::Inbox,
        reason: "invited".to_owned(),
        instances: vec![],
        ics: String::new(),
    }
}

fn recorded(position: u64, event: Event) -> Recorded {
    Recorded {
        position: Position(position),
        stream: Stream::Object(ObjectId::derive(id("anna"), "lunch")),
        revision: Revision(position),
        id: Uuid::from_u128(u128::from(position)),
        event,
        metadata: Metadata::default(),
        hash: Hash::default(),
    }
}

fn issued(position: u64, message: &MessageIssued) -> Recorded {
    recorded(position, Event::Object(ObjectEvent::MessageIssued(message.clone())))
}

fn received(position: u64, of: &MessageIssued, home: &str) -> Recorded {
    recorded(
        position,
        Event::Object(ObjectEvent::MessageReceived(MessageReceived {
            message: of.message,
            also: vec![],
            home: id(home),
            method: of.method,
            uid: of.uid.clone(),
            sender: of.sender.clone(),
            outcome: Outcome::Applied,
            item: None,
            answers: None,
        })),
    )
}

fn reported(position: u64, of: &MessageIssued, statuses: &[&str]) -> Recorded {
    let delivery = |(recipient, status): (&Recipient, &&str)| Delivery {
        address: recipient.address.clone(),
        status: (*status).to_owned(),
    };
    let deliveries = of.recipients.iter().zip(statuses).map(delivery).collect();
    recorded(
        position,
        Event::Object(ObjectEvent::DeliveryReported(DeliveryReported {
            home: Some(of.sender_home),
            uid: Some(of.uid.clone()),
            message: of.message,
            deliveries,
        })),
    )
}

fn folded(events: &[Recorded]) -> State {
    let mut state = State::default();
    for event in events {
        state.apply(event, NOW);
    }
    state
}

/// Returns the copy of a recipient who has received these messages. `ignored` is the reason if they
/// changed nothing.
fn copy(received: &[&MessageIssued], ignored: Option<&str>) -> Object {
    let received: BTreeSet<_> = received.iter().map(|message| message.message).collect();
    let ignored = received.iter().filter_map(|id| Some((*id, ignored?.into()))).collect();
    Object { received, ignored, ..Object::default() }
}

fn work_of<'a>(round: &'a [Work], name: &str) -> Option<&'a Work> {
    round.iter().find(|work| work.home == id(name))
}

fn arriving(work: &Work) -> Vec<u128> {
    work.messages.iter().map(|message| message.issued.message.as_u128()).collect()
}

#[test]
fn a_message_is_received_then_reported_then_finished() {
    let invitation = message(1, &["bert", "bert", "team", "nobody"]);
    let mut state = folded(&[issued(3, &invitation)]);
    assert_eq!(state.checkpoint(), Position::START);
    let round = state.round("lunch", &Everybody, Due::At(NOW));
    assert_eq!(round.len(), 1, "two addresses of one person are one recipient");
    assert_eq!(arriving(&round[0]), [1]);
    state.taken_in(&round[0], &copy(&[&invitation], None));

    let round = state.round("lunch", &Everybody, Due::At(NOW));
    let report = &work_of(&round, "anna").expect("the sender is told").reports[0];
    let statuses: Vec<_> = report.deliveries.iter().map(|delivery| delivery.status.as_str()).collect();
    assert_eq!(statuses, ["1.2", "1.2", "1.2", "3.7"]);
    let told = Object { reported: [invitation.message].into(), ..Object::default() };
    state.taken_in(&round[0], &told);
    assert!(state.round("lunch", &Everybody, Due::At(NOW)).is_empty());
    assert_eq!((state.open(), state.checkpoint()), (0, Position(3)));
}

#[test]
fn a_recipient_who_takes_no_such_messages_is_reported_as_rejected() {
    for (reason, status) in [("another-organizer", "5.3"), ("no-calendar", "5.3"), ("stale", "1.2")] {
        let invitation = message(1, &["bert"]);
        let mut state = folded(&[issued(3, &invitation)]);
        let round = state.round("lunch", &Everybody, Due::At(NOW));
        state.taken_in(&round[0], &copy(&[&invitation], Some(reason)));
        let round = state.round("lunch", &Everybody, Due::At(NOW));
        assert_eq!(round[0].reports[0].deliveries[0].status, status, "{reason}");
    }
}

#[test]
fn nothing_overtakes_a_message_that_failed() {
    let (first, second) = (message(1, &["bert", "carol"]), message(2, &["bert", "carol"]));
    let mut state = folded(&[issued(3, &first)]);
    let round = state.round("lunch", &Everybody, Due::At(NOW));
    state.failed(work_of(&round, "bert").expect("work"), "the journal cannot be reached", NOW);
    state.taken_in(work_of(&round, "carol").expect("work"), &copy(&[&first], None));
    state.apply(&issued(4, &second), NOW);

    let round = state.round("lunch", &Everybody, Due::At(NOW));
    assert!(work_of(&round, "bert").is_none(), "the first is not due yet, and the second waits for it");
    assert_eq!(work_of(&round, "carol").map(arriving), Some(vec![2]));
    assert!(work_of(&round, "anna").is_none(), "nobody is told of what may still arrive");
    let round = state.round("lunch", &Everybody, Due::All);
    assert_eq!(work_of(&round, "bert").map(arriving), Some(vec![1, 2]));
    let waiting = &state.entries()[0].waiting[0];
    assert_eq!((waiting.attempts, waiting.last_error.as_deref()), (1, Some("the journal cannot be reached")));
}

#[test]
fn failed_attempts_are_repeated_after_longer_and_longer_delays() {
    let mut progress = Progress::Due;
    let mut now = Timestamp::from_seconds(0);
    let mut delays = vec![];
    for _ in 0..9 {
        progress.fail("busy", now, 30_000_000);
        let Progress::Failing(failure) = &progress else { panic!("{progress:?}") };
        delays.push(failure.retry_at.seconds() - now.seconds());
        now = failure.retry_at;
    }
    assert_eq!(delays, [30, 60, 120, 240, 480, 960, 1_920, 3_840, 3_840]);
}

#[test]
fn a_parked_message_is_reported_and_does_not_hold_up_others_or_the_checkpoint() {
    let (first, second) = (message(1, &["bert", "carol"]), message(2, &["bert"]));
    let mut state = folded(&[issued(3, &first), issued(4, &second)]);
    let round = state.round("lunch", &Everybody, Due::At(NOW));
    state.park(first.message, id("bert"), "the text cannot be parsed");
    state.taken_in(work_of(&round, "carol").expect("work"), &copy(&[&first], None));
    state.taken_in(work_of(&round, "bert").expect("work"), &copy(&[&second], None));

    let round = state.round("lunch", &Everybody, Due::At(NOW));
    let anna = work_of(&round, "anna").expect("both are reported");
    let statuses = anna.reports.iter().flat_map(|report| &report.deliveries).map(|delivery| delivery.status.as_str());
    assert_eq!(statuses.collect::<Vec<_>>(), ["5.1", "1.2", "1.2"]);
    let told = Object { reported: [first.message, second.message].into(), ..Object::default() };
    state.taken_in(anna, &told);
    assert!(state.round("lunch", &Everybody, Due::All).is_empty());
    assert_eq!((state.open(), state.parked(), state.checkpoint()), (0, 1, Position(4)));
    let parked = &state.entries()[0];
    assert_eq!((parked.standing, parked.position), (Standing::Parked, Position(3)));
}

#[test]
fn a_parked_message_is_still_parked_after_a_restart_and_tried_again() {
    let first = message(1, &["bert", "carol"]);
    let events = [issued(3, &first), received(4, &first, "carol"), reported(5, &first, &["5.1", "1.2"])];
    let mut state = folded(&events);
    state.round("lunch", &Everybody, Due::All);
    state.park(first.message, id("bert"), "the text cannot be parsed");
    let saved = state.saved();
    assert_eq!(saved.checkpoint, Position(5));
    let [message] = &saved.messages[..] else { panic!("{saved:?}") };
    assert_eq!(message.before, Position::START);

    let mut next = State::new(saved.checkpoint, Delays::default());
    next.restore(&events[0], message.before, NOW);
    next.adopt(message);
    let [entry] = &next.entries()[..] else { panic!("one message") };
    assert_eq!((entry.standing, entry.waiting.len()), (Standing::Parked, 1), "carol has it, and anna is told");
    assert_eq!(entry.waiting[0].last_error.as_deref(), Some("the text cannot be parsed"));
    next.retry_parked();
    let round = next.round("lunch", &Everybody, Due::At(NOW));
    assert_eq!(work_of(&round, "bert").map(arriving), Some(vec![1]));
}

#[test]
fn the_journal_alone_shows_what_is_finished() {
    let invitation = message(1, &["bert", "nobody"]);
    let silent = MessageIssued { visibility: Visibility::Silent, ..message(2, &["bert"]) };
    let mut state = folded(&[issued(3, &invitation), issued(4, &silent), received(5, &silent, "bert")]);
    assert_eq!(state.entries().len(), 1, "the refresh has arrived");
    state.apply(&received(6, &invitation, "bert"), NOW);
    assert_eq!(state.open(), 1, "the sender is not told");
    state.apply(&reported(7, &invitation, &["1.2", "3.7"]), NOW);
    assert_eq!((state.open(), state.checkpoint()), (0, Position(7)));
}

#[test]
fn a_message_finished_before_the_journal_shows_it_never_waits() {
    let silent = MessageIssued { visibility: Visibility::Silent, ..message(1, &["bert"]) };
    let mut state = State::default();
    let shown = issued(3, &silent);
    state.issued(Outbound::of(&shown).expect("a message"), NOW);
    assert_eq!(state.open(), 1);
    let round = state.round("lunch", &Everybody, Due::All);
    state.taken_in(&round[0], &copy(&[&silent], None));
    assert!(state.round("lunch", &Everybody, Due::All).is_empty());
    state.apply(&shown, NOW);
    assert_eq!((state.open(), state.checkpoint()), (0, Position(3)));
    assert!(state.finished.is_empty());
}

#[test]
fn a_message_that_nobody_attempts_becomes_due() {
    let state = folded(&[issued(3, &message(1, &["bert"]))]);
    let (before, after) = (Timestamp(NOW.0 - 1), Timestamp(NOW.0 + 1));
    assert!(state.due(after, before).is_empty(), "whoever issued it delivers it");
    assert!(state.due(after, NOW).contains("lunch"));
}

#[test]
fn an_event_that_cannot_be_read_is_listed_and_does_not_hold_up_the_checkpoint() {
    let mut state = State::default();
    state.skip(Unreadable { position: Position(2), reason: "unknown type".to_owned() });
    state.skip(Unreadable { position: Position(2), reason: "unknown type".to_owned() });
    assert_eq!((state.parked(), state.checkpoint()), (1, Position(2)));
    assert_eq!(state.saved().unreadable.len(), 1);
}

/// Returns a refresh of others' answers, issued at [`NOW`].
fn refresh(position: u64, number: u128, recipients: &[&str]) -> (MessageIssued, Recorded) {
    let silent = MessageIssued { visibility: Visibility::Silent, ..message(number, recipients) };
    let mut recorded = issued(position, &silent);
    recorded.metadata.at = NOW;
    (silent, recorded)
}

/// Returns the time that is `delay` after [`NOW`].
fn later(delay: Duration) -> Timestamp {
    Timestamp(NOW.0 + i64::try_from(delay.as_micros()).expect("not long"))
}

#[test]
fn refreshes_are_gathered_and_then_arrive_together() {
    let window = Delays::default().refreshes;
    let ((one, first), (other, mut second)) = (refresh(3, 1, &["bert", "carol"]), refresh(4, 2, &["bert"]));
    second.metadata.at = later(window / 2);
    let mut state = folded(&[first, second]);
    let after = later(window);
    let before = Timestamp(after.0 - 1);
    assert!(state.round("lunch", &Everybody, Due::At(before)).is_empty());
    assert!(!state.is_open("lunch", Due::At(before)) && state.gathered(before).is_empty());
    assert!(state.is_open("lunch", Due::At(after)) && state.gathered(after).contains("lunch"));

    let round = state.round("lunch", &Everybody, Due::At(after));
    assert_eq!(round.len(), 2);
    let bert = work_of(&round, "bert").expect("he waits for both");
    assert_eq!(arriving(bert), [1, 2]);
    let gathered = recorded(
        5,
        Event::Object(ObjectEvent::MessageReceived(MessageReceived {
            message: other.message,
            also: vec![one.message],
            home: id("bert"),
            method: Method::Request,
            uid: "lunch".to_owned(),
            sender: "anna".to_owned(),
            outcome: Outcome::Applied,
            item: None,
            answers: None,
        })),
    );
    state.apply(&gathered, after);
    assert_eq!((state.open(), state.waits()), (1, true), "carol has not received the first");
    assert_eq!(arriving(&state.round("lunch", &Everybody, Due::At(after))[0]), [1]);
}

#[test]
fn a_home_that_is_read_or_changed_gets_its_refreshes_at_once() {
    let (_, event) = refresh(3, 1, &["bert", "carol"]);
    let mut state = folded(&[event]);
    assert!(state.is_open("lunch", Due::To(id("bert"))));
    assert!(!state.is_open("lunch", Due::To(id("anna"))), "she changes the meeting: the others get it with that");
    assert_eq!(state.waiting_for(id("bert")).len(), 1);
    let round = state.round("lunch", &Everybody, Due::To(id("bert")));
    assert_eq!(round.iter().map(|work| work.home).collect::<Vec<_>>(), [id("bert")]);
}

#[test]
fn a_removal_goes_to_everybody_once_somebody_looks() {
    let reason = MessageIssued::REMOVED.to_owned();
    let mut event =
        issued(3, &MessageIssued { method: Method::Cancel, reason, ..message(1, &["bert", "carol", "dora"]) });
    (event.metadata.at, event.metadata.client.via) = (NOW, "DELETE".to_owned());
    let mut state = folded(&[event]);
    assert!(state.round("lunch", &Everybody, Due::At(NOW)).is_empty());
    // The organizer may store the meeting again, and others may look elsewhere.
    for who in ["anna", "emil"] {
        assert!(state.round("lunch", &Everybody, Due::To(id(who))).is_empty(), "{who}");
    }
    assert_eq!(state.round("lunch", &Everybody, Due::To(id("bert"))).len(), 3, "it cannot be withdrawn after that");
}

#[test]
fn a_message_takes_the_refreshes_before_it_along() {
    let (_, event) = refresh(3, 1, &["bert", "carol"]);
    let mut state = folded(&[event, issued(4, &message(2, &["bert"]))]);
    let round = state.round("lunch", &Everybody, Due::At(NOW));
    assert_eq!(round.len(), 1, "carol's copy waits");
    assert_eq!(arriving(work_of(&round, "bert").expect("invited")), [1, 2]);
}

#[test]
fn a_clock_that_goes_back_holds_up_no_refresh() {
    let (_, event) = refresh(3, 1, &["bert"]);
    let mut state = folded(&[event]);
    let long_ago = Timestamp(NOW.0 - 3_600_000_000);
    assert_eq!(state.round("lunch", &Everybody, Due::At(long_ago)).len(), 1);
}

#[test]
fn a_recipient_to_whom_there_is_no_route_does_not_wait_for_a_parked_message() {
    let invitation = message(1, &["bert", "team", "nobody"]);
    let event = issued(3, &invitation);
    let mut state = folded(std::slice::from_ref(&event));
    let waiting = |state: &State| {
        let [entry] = &state.entries()[..] else { panic!("one message") };
        let all = entry.waiting.iter().map(|recipient| recipient.address.clone());
        (entry.standing, all.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(waiting(&state), (Standing::Pending, "bert team anna".to_owned()), "no route is known yet");
    state.round("lunch", &Everybody, Due::At(NOW));
    assert_eq!(waiting(&state), (Standing::Pending, "bert anna".to_owned()));
    state.park(invitation.message, id("bert"), "the text cannot be parsed");
    let round = state.round("lunch", &Everybody, Due::At(NOW));
    let told = Object { reported: [invitation.message].into(), ..Object::default() };
    state.taken_in(work_of(&round, "anna").expect("a report"), &told);
    assert_eq!((state.parked(), waiting(&state)), (1, (Standing::Parked, "bert".to_owned())));

    let saved = state.saved();
    let mut listed = State::new(saved.checkpoint, Delays::default());
    listed.restore(&event, saved.messages[0].before, NOW);
    listed.adopt(&saved.messages[0]);
    assert_eq!(waiting(&listed), (Standing::Parked, "bert".to_owned()), "`daybook outbox` makes no round");
}
