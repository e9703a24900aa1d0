//! Tests of the position for which a decision has to wait.

use journal::memory::Memory;
use schemas::PrincipalId;
use uuid::Uuid;

use super::*;

const HOME: PrincipalId = PrincipalId(Uuid::from_u128(1));
const OTHER: PrincipalId = PrincipalId(Uuid::from_u128(2));

async fn required(freshness: &Freshness, subject: Subject) -> Option<Position> {
    let journal = Memory::new();
    tokio::time::timeout(Duration::ZERO, freshness.required(subject, &journal)).await.ok().map(|found| found.unwrap())
}

#[tokio::test]
async fn a_home_requires_its_own_last_write_and_what_earlier_processes_wrote() {
    let freshness = Freshness::since(Position(5));
    freshness.begin(Subject::Home(HOME)).settle(Position(9));
    freshness.begin(Subject::Home(HOME)).settle(Position(7));
    assert_eq!(required(&freshness, Subject::Home(HOME)).await, Some(Position(9)));
    assert_eq!(required(&freshness, Subject::Home(OTHER)).await, Some(Position(5)));
    assert_eq!(required(&freshness, Subject::Collections(HOME)).await, Some(Position(5)), "only members changed");
    freshness.begin(Subject::Collections(HOME)).settle(Position(12));
    assert_eq!(required(&freshness, Subject::Home(HOME)).await, Some(Position(12)));
}

#[tokio::test]
async fn nothing_is_decided_while_an_append_is_in_flight() {
    let freshness = Freshness::since(Position::START);
    let append = freshness.begin(Subject::Home(HOME));
    assert_eq!(required(&freshness, Subject::Home(HOME)).await, None);
    let journal = Memory::new();
    let (found, ()) = tokio::join!(freshness.required(Subject::Home(HOME), &journal), async {
        tokio::task::yield_now().await;
        append.settle(Position(3));
    });
    assert_eq!(found.expect("the journal is there"), Position(3));
}

#[tokio::test]
async fn an_append_without_an_answer_requires_the_head() {
    let freshness = Freshness::since(Position(4));
    drop(freshness.begin(Subject::Home(HOME)));
    assert_eq!(freshness.state.lock().known(Subject::Home(HOME)), Known::Unknown(1));
    freshness.state.lock().resolve(Subject::Home(HOME), 1, Position(8));
    assert_eq!(required(&freshness, Subject::Home(HOME)).await, Some(Position(8)));
}

#[test]
fn subjects_that_are_shown_are_dropped() {
    let freshness = Freshness::since(Position::START);
    for number in 0..10 * MIN_PRUNED as u128 {
        freshness.begin(Subject::Home(PrincipalId(Uuid::from_u128(number)))).settle(Position(1));
        freshness.shown(Position(1));
    }
    assert!(freshness.state.lock().writes.len() <= MIN_PRUNED);
}

#[test]
fn subjects_are_looked_through_only_when_their_number_has_doubled() {
    let freshness = Freshness::since(Position::START);
    let mut numbers = 0..;
    let mut write = || freshness.begin(Subject::Home(PrincipalId(Uuid::from_u128(numbers.next().unwrap()))));
    let known = || freshness.state.lock().writes.len();
    let in_flight: Vec<_> = (0..MIN_PRUNED).map(|_| write()).collect();
    for more in 1..=MIN_PRUNED {
        write().settle(Position(1));
        freshness.shown(Position(1));
        assert_eq!(known(), MIN_PRUNED + more, "they are not twice as many yet");
    }
    write().settle(Position(1));
    assert_eq!(known(), MIN_PRUNED + 1, "those in flight, and the last one");
    drop(in_flight);
}

#[test]
fn a_command_that_waits_for_room_on_the_disk_is_told_so() {
    let behind = Behind { model: "collections", reached: Position(1), wanted: Position(2), is_without_room: false };
    assert!(matches!(not_stored(behind), Error::Behind(_)), "it may be there in a moment");
    assert!(matches!(not_stored(Behind { is_without_room: true, ..behind }), Error::Full));
}
