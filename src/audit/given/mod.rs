//! Exports the acts on a meeting as a scheduling text for tests (docs/testing.md). People,
//! addresses and words are made up.
//!
//! **Invariant:** the exported text contains no words that a person wrote. Besides made-up words,
//! it only contains names and keywords from closed lists, known names of time zones, numbers and
//! times. See [`pseudonyms`] and [`lines`].

mod lines;
mod pseudonyms;

use std::fmt::Write as _;

use schemas::{
    Event, Fact as _, ObjectEvent, PrincipalId, Recorded,
    object::{ObjectMoved, Role},
};

use self::pseudonyms::Pseudonyms;
use crate::{Evidence, edits};

/// The collections that each home has in a scheduling text.
const COLLECTIONS: [&str; 2] = ["calendar", "private"];

/// Returns the scheduling text; `None` if no act can be shown in one.
///
/// The text has the initial state and the acts. The recorded consequences are only a comment with
/// the types of the events. The test runner adds the consequences that today's rules produce.
pub fn text(evidence: &Evidence) -> Option<String> {
    let mut writer = Writer::of(evidence);
    let direct = |recorded: &&Recorded| recorded.metadata.causation.is_none();
    let acts: Vec<&Recorded> = evidence.events.iter().filter(direct).collect();
    let mut steps = vec![];
    for recorded in acts {
        let Some(step) = writer.step(recorded) else { continue };
        steps.push((step, recorded.metadata.correlation));
    }
    let last = steps.len().checked_sub(1)?;
    let mut text = "# Recorded by a server. People, addresses, identifiers and words are made up.\n".to_owned();
    for (person, mode) in &writer.modes {
        let _ = write!(text, "\ngiven {person} answers invitations: {mode}\n");
    }
    for (person, period) in &writer.busy {
        let _ = write!(text, "\ngiven {person} is busy {period}\n");
    }
    for (index, (step, act)) in steps.iter().enumerate() {
        let word = if index == last { "when" } else { "given" };
        let is_told = steps[..index].iter().all(|(_, earlier)| earlier != act);
        let _ = write!(text, "\n{word} {step}\n");
        if is_told {
            text.push_str(&writer.outcome(*act));
        }
    }
    Some(text)
}

struct Writer<'a> {
    evidence: &'a Evidence,
    names: Pseudonyms<'a>,
    homes: std::collections::BTreeMap<schemas::Stream, PrincipalId>,
    /// Each person (or room) with automatic answers, and their mode.
    modes: Vec<(String, String)>,
    /// Each person with a time at which they were busy.
    busy: Vec<(String, String)>,
    /// For each home, the index in [`COLLECTIONS`] of the collection that contains the copy.
    within: std::collections::BTreeMap<PrincipalId, usize>,
}

impl<'a> Writer<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let (homes, names) = (evidence.homes(), Pseudonyms::of(evidence));
        let mut writer =
            Self { evidence, names, homes, modes: vec![], busy: vec![], within: std::collections::BTreeMap::new() };
        for recorded in &evidence.events {
            writer.automatic(recorded);
        }
        writer
    }

    /// Records the mode of an automatic answer, and the conflicts that made it decline.
    fn automatic(&mut self, recorded: &Recorded) {
        let Event::Object(ObjectEvent::Revised(revised)) = &recorded.event else { return };
        let (Some(automatic), Some(home)) = (&revised.automatic, self.homes.get(&recorded.stream)) else { return };
        let Some(person) = self.names.account(*home) else { return };
        let mode = serde_json::to_value(automatic.mode).ok().and_then(|mode| mode.as_str().map(str::to_owned));
        let mode = (person.clone(), mode.unwrap_or_default());
        if !self.modes.contains(&mode) {
            self.modes.push(mode);
        }
        for conflict in &automatic.conflicts {
            let time = |seconds| schemas::Timestamp::from_seconds(seconds);
            let period = format!("{}/{}", lines::utc(time(conflict.start)), lines::utc(time(conflict.end)));
            let busy = (person.clone(), period);
            if !self.busy.contains(&busy) {
                self.busy.push(busy);
            }
        }
    }

    /// Returns the lines of an act, such as `alice puts` with the body; `None` for an act that a
    /// scheduling text cannot show.
    fn step(&mut self, recorded: &Recorded) -> Option<String> {
        let Event::Object(event) = &recorded.event else { return None };
        let home = *self.homes.get(&recorded.stream)?;
        let who = self.names.account(home)?;
        match event {
            ObjectEvent::Put(put) => {
                let sent = edits::sent(&recorded.event).unwrap_or_else(|| put.content.ics.as_str().into());
                let body = lines::body(&sent, &mut self.names)?;
                let new = recorded.metadata.conditions.if_none_match.as_deref() == Some("*");
                let condition = if new { ", if-none-match *" } else { "" };
                let body: String = body.iter().flat_map(|line| ["\n    ", line.as_str()]).collect();
                Some(format!("{who} puts{condition}{body}"))
            }
            ObjectEvent::Removed(_) => {
                let reply = recorded.metadata.conditions.schedule_reply.as_deref();
                let is_silent = reply.is_some_and(|value| value.eq_ignore_ascii_case("f"));
                self.within.remove(&home);
                Some(format!("{who} deletes{}", if is_silent { ", schedule-reply F" } else { "" }))
            }
            ObjectEvent::Moved(moved) => Some(format!("{who} moves the copy to {}", self.moved(home, moved)?)),
            _ => None,
        }
    }

    /// Returns the one of [`COLLECTIONS`] to which the text moves the copy, at each move the other
    /// one; `None` if the copy stayed in its collection.
    fn moved(&mut self, home: PrincipalId, moved: &ObjectMoved) -> Option<&'static str> {
        if moved.from.collection == moved.to.collection {
            return None;
        }
        let within = self.within.entry(home).or_default();
        *within = 1 - *within;
        COLLECTIONS.get(*within).copied()
    }

    /// Returns the kinds of the recorded events of an act, as comment lines of the scheduling text.
    fn outcome(&self, act: uuid::Uuid) -> String {
        let mut text = "\n# Recorded:\n".to_owned();
        for recorded in self.evidence.events.iter().filter(|recorded| recorded.metadata.correlation == act) {
            let home = self.homes.get(&recorded.stream);
            let Some(who) = home.and_then(|home| self.names.account(*home)) else { continue };
            let kind = recorded.event.kind();
            let kind = kind.rsplit_once(".v").map_or(kind, |(name, _)| name);
            let part = match &recorded.event {
                Event::Object(ObjectEvent::Put(put)) => part(put.content.role),
                _ => "",
            };
            let _ = writeln!(text, "#     {who}: {kind}{part}");
        }
        text
    }
}

const fn part(role: Role) -> &'static str {
    match role {
        Role::Organizer => " as organizer",
        Role::Attendee => " as attendee",
        Role::None => " as no scheduling object",
    }
}
