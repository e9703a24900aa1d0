//! Histories that failed once, after shrinking.

use super::{
    history::{History, Patience, Step, Weather},
    plan::Plan,
    play::play,
};

const NOBODY: [bool; 4] = [false; 4];
const LAKE: [bool; 4] = [false, false, false, true];
const ALICE: [bool; 4] = [true, false, false, false];
const ALICE_AND_CAROL: [bool; 4] = [true, false, true, false];

fn store(meeting: usize, hour: u8, guests: [bool; 4]) -> Step {
    Step::Store { meeting, plan: Plan::once(hour, 1, guests) }
}

fn answer(meeting: usize, who: &'static str, partstat: &'static str) -> Step {
    Step::Answer { meeting, who, partstat }
}

fn crash(at: u32, during: Step) -> Step {
    Step::Crash { at, stored: false, during: Box::new(during) }
}

fn holds(seed: u64, weather: Weather, patience: Patience, steps: Vec<Step>) {
    if let Err(why) = play(&History { seed, weather, patience, steps }) {
        panic!("{why}");
    }
}

#[test]
fn what_waits_for_delivery_after_a_crash_is_not_overtaken_by_what_was_said_later() {
    let steps = vec![store(1, 13, ALICE), crash(1, store(1, 13, ALICE_AND_CAROL)), answer(1, "alice", "ACCEPTED")];
    holds(42, Weather::Rough, Patience::UntilDelivered, steps);
}

#[test]
fn a_room_that_is_uninvited_learns_it_however_bad_the_weather() {
    let steps = vec![
        store(1, 13, NOBODY),
        answer(0, "alice", "ACCEPTED"),
        answer(0, "bob", "DECLINED"),
        crash(1, store(1, 13, LAKE)),
        Step::EmptyInbox { who: "bob" },
        answer(1, "alice", "ACCEPTED"),
        store(0, 10, LAKE),
        store(0, 13, NOBODY),
    ];
    holds(42, Weather::Rough, Patience::UntilDelivered, steps);
}

#[test]
fn a_report_after_a_crash_gets_ids_of_its_own() {
    let steps = vec![
        store(1, 10, NOBODY),
        store(2, 13, NOBODY),
        answer(1, "bob", "DECLINED"),
        store(2, 13, NOBODY),
        crash(4, store(2, 10, [true; 4])),
    ];
    holds(124, Weather::Rough, Patience::UntilDelivered, steps);
}

#[test]
fn an_answer_is_reported_before_all_is_said_to_be_at_rest() {
    // Depends on thread timing: a room answers after every waiting request has ended.
    for _ in 0..20 {
        let (one, other) = (store(2, 13, [true, false, true, true]), store(0, 9, [true, false, true, true]));
        holds(4155, Weather::Rough, Patience::None, vec![Step::Race(Box::new(one), Box::new(other))]);
    }
}

#[test]
fn what_was_not_carried_in_a_row_is_carried_later() {
    // A multiple of four allows two rounds at a time only.
    holds(4, Weather::Calm, Patience::None, vec![store(0, 13, [true; 4]), answer(0, "bob", "ACCEPTED")]);
}

#[test]
fn what_a_copy_did_not_take_in_is_not_overtaken_in_the_next_wave() {
    let daily = |title, guests, later| Plan { daily: true, later, ..Plan::once(10, title, guests) };
    let steps = vec![
        Step::Alarm { meeting: 0, who: "carol" },
        answer(2, "alice", "ACCEPTED"),
        answer(2, "bob", "ACCEPTED"),
        answer(1, "alice", "DECLINED"),
        Step::Store { meeting: 2, plan: Plan::once(9, 2, NOBODY) },
        answer(1, "alice", "ACCEPTED"),
        Step::Store { meeting: 2, plan: daily(1, [false, true, true, true], None) },
        Step::Store { meeting: 2, plan: daily(2, [false, false, true, true], Some(6)) },
    ];
    holds(70185, Weather::Rough, Patience::UntilDelivered, steps);
}

#[test]
fn what_waited_for_its_turn_does_not_look_older_than_what_it_waited_for() {
    let (alice_carol, alice_bob_carol) = ([true, false, true, true], [true; 4]);
    let steps = vec![
        crash(1, store(0, 10, alice_bob_carol)),
        answer(2, "carol", "ACCEPTED"),
        Step::Move { meeting: 1, who: "carol" },
        store(2, 10, alice_carol),
        store(2, 10, alice_bob_carol),
    ];
    holds(281, Weather::Rough, Patience::None, steps);
}
