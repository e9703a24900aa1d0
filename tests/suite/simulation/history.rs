//! A history: everything that happens in a simulated world. It is generated from a seed alone.

use std::fmt;

use super::{
    dice::Dice,
    people::{ATTENDEES, MEETINGS},
    plan::Plan,
};

/// A step of a history: an action of a user or an operator, or an event of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The organizer stores the meeting.
    Store { meeting: usize, plan: Plan },
    /// The organizer removes the meeting.
    Remove { meeting: usize },
    /// An attendee answers the invitation, if they have a copy.
    Answer { meeting: usize, who: &'static str, partstat: &'static str },
    /// An attendee removes their copy, with or without a reply to the organizer.
    Drop { meeting: usize, who: &'static str, reply: bool },
    /// A user adds an alarm to their copy.
    Alarm { meeting: usize, who: &'static str },
    /// An attendee delegates to another person.
    Delegate { meeting: usize, who: &'static str },
    /// An operator changes the members of the group.
    Regroup { members: [bool; 2] },
    /// A user stores a file in their home.
    StoreFile { who: &'static str, version: u8 },
    /// A user removes their file.
    RemoveFile { who: &'static str },
    /// A user renames the resource of their copy.
    Move { meeting: usize, who: &'static str },
    /// A user removes their copy and stores it again under another name before others receive a
    /// message.
    Recreate { meeting: usize, who: &'static str },
    /// A user deletes the items of their inbox.
    EmptyInbox { who: &'static str },
    /// Two users act at the same time.
    Race(Box<Step>, Box<Step>),
    /// The process dies at the append with this number, counted from 0 from the start of the step,
    /// just before or just after the append is stored.
    Crash { at: u32, stored: bool, during: Box<Step> },
    /// The process shuts down normally, and another one starts.
    Restart(Restart),
}

/// The files with which the next process starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    WithEverything,
    WithoutReadModels,
    /// The next process has read models but no checkpoint of the deliveries, so it delivers every
    /// message again.
    WithoutCheckpoint,
}

/// The behaviour of the journal: with or without faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Every append succeeds, although tasks take turns in random order.
    Calm,
    /// Appends are lost, stored without an answer, stored twice, or refused with a conflict without
    /// a reason.
    Rough,
}

/// The lag of the read models behind the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    None,
    Random,
}

/// The time for which a write waits for the delivery of its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    UntilDelivered,
    None,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The seed of every random choice while the history is played.
    pub seed: u64,
    pub weather: Weather,
    pub patience: Patience,
    pub lag: Lag,
    /// The number of servers that share the journal.
    pub nodes: usize,
    pub steps: Vec<Step>,
}

impl History {
    pub fn of(seed: u64, length: u64) -> Self {
        let mut dice = Dice::new(seed);
        let weather = dice.pick(&[Weather::Calm, Weather::Rough]);
        let patience = dice.pick(&[Patience::UntilDelivered, Patience::UntilDelivered, Patience::None]);
        let lag = if dice.chance(15) { Lag::Random } else { Lag::None };
        let count = 2 + dice.roll(length);
        let steps = (0..count).map(|_| step(&mut dice)).collect();
        Self { seed, weather, patience, lag, nodes: 1, steps }
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, weather, patience, lag, nodes, steps } = self;
        writeln!(f, "seed {seed}, {weather:?}, {patience:?}, lag {lag:?}, {nodes} servers")?;
        steps.iter().try_for_each(|step| writeln!(f, "{step:?}"))
    }
}

fn step(dice: &mut Dice) -> Step {
    match dice.roll(10) {
        0 => Step::Race(Box::new(act(dice)), Box::new(act(dice))),
        1 => Step::Crash {
            at: u32::try_from(dice.roll(6)).unwrap(),
            stored: dice.chance(50),
            during: Box::new(if dice.chance(30) {
                Step::Race(Box::new(act(dice)), Box::new(act(dice)))
            } else {
                act(dice)
            }),
        },
        2 if dice.chance(40) => {
            Step::Restart(dice.pick(&[Restart::WithEverything, Restart::WithoutReadModels, Restart::WithoutCheckpoint]))
        }
        _ => act(dice),
    }
}

/// Returns a random action of a calendar user or an operator.
fn act(dice: &mut Dice) -> Step {
    let meeting = usize::try_from(dice.roll(MEETINGS.len() as u64)).unwrap();
    let who = dice.pick(&ATTENDEES[..3]);
    match dice.roll(24) {
        0..=6 => Step::Store { meeting, plan: plan(dice) },
        7 => Step::Remove { meeting },
        8..=13 => {
            let partstat = dice.pick(&["ACCEPTED", "DECLINED", "TENTATIVE"]);
            Step::Answer { meeting, who, partstat }
        }
        14 => Step::Drop { meeting, who, reply: dice.chance(70) },
        15 | 16 => Step::Alarm { meeting, who },
        17 => {
            if dice.chance(50) {
                Step::Move { meeting, who }
            } else {
                Step::Recreate { meeting, who }
            }
        }
        18 | 19 => Step::EmptyInbox { who },
        20 => Step::Delegate { meeting, who },
        21 => Step::Regroup { members: [dice.chance(50), dice.chance(50)] },
        22 => Step::StoreFile { who, version: dice.pick(&[1, 2]) },
        _ => Step::RemoveFile { who },
    }
}

fn plan(dice: &mut Dice) -> Plan {
    let days: Vec<_> = Plan::days().collect();
    Plan {
        hour: dice.pick(&[9, 10, 13]),
        title: dice.pick(&[1, 2]),
        daily: dice.chance(40),
        guests: ATTENDEES.map(|_| dice.chance(65)),
        team: dice.chance(20),
        left_out: dice.chance(20).then(|| dice.pick(&days)),
        later: dice.chance(25).then(|| dice.pick(&days)),
    }
}

#[test]
fn the_same_seed_gives_the_same_history() {
    assert_eq!(History::of(7, 12), History::of(7, 12));
    assert_ne!(History::of(7, 12), History::of(8, 12));
}
