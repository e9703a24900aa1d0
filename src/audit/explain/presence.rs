//! Explains when a copy came into a person's calendar, and who removed it.

mod shared;

use schemas::{Position, PrincipalId, Recorded, Timestamp, object::Place};

use crate::{Act, Clock, Timeline, calendars, foreign, sentence::Context, state::State, text, tree};

/// A time during which the meeting was in a calendar of the person, or in one that they can read.
struct Interval {
    since: Position,
    place: Place,
    /// Position of the event that ended this time; `None` if it has not ended.
    until: Option<Position>,
    /// The way in which the person reaches another person's calendar, in words; `None` if the copy
    /// is in their own home.
    reach: Option<String>,
}

/// Returns sentences that say whether the person has the meeting, and when and why it was gone.
///
/// The meeting can be in the person's own home, in a calendar that was shared with them, or in a
/// calendar that they may read.
pub(super) fn of(context: &Context<'_>, timeline: &Timeline, person: PrincipalId, clock: &Clock) -> Vec<String> {
    let who = context.evidence.names.today().person(person);
    let (own, shared) = (intervals(context, person), shared::intervals(context, person));
    let ended = |intervals: &[Interval]| intervals.last().and_then(|last| last.until);
    let is_there = [&own].into_iter().chain(&shared).any(|one| !one.is_empty() && ended(one).is_none());
    let last = shared.iter().filter_map(|one| ended(one)).max().filter(|_| !is_there);
    let mut sentences = described(context, timeline, &own, (person, &who, true), clock);
    for intervals in shared {
        let is_last = ended(&intervals) == last;
        sentences.extend(described(context, timeline, &intervals, (person, &who, is_last), clock));
    }
    if sentences.is_empty() {
        let title = foreign::quoted(&tree::title(&context.evidence.events));
        sentences = shared::offered(context, person, &title, clock);
    }
    if sentences.is_empty() { never(context, person, &who) } else { sentences }
}

/// Returns sentences about the times during which one copy was in a calendar that the person could
/// read; empty if it never was. `who` is the person's name. `is_last` matters only for a lost copy
/// in another person's calendar: it is true if, of such copies, the person lost this one last, and
/// they have no copy now.
fn described(
    context: &Context<'_>,
    timeline: &Timeline,
    intervals: &[Interval],
    (person, who, is_last): (PrincipalId, &str, bool),
    clock: &Clock,
) -> Vec<String> {
    let Some(last) = intervals.last() else { return vec![] };
    let is_own = |recorded: &&Recorded| context.homes.get(&recorded.stream) == Some(&person);
    let own: Vec<_> = context.evidence.events.iter().filter(is_own).cloned().collect();
    let title = foreign::quoted(&tree::title(if last.reach.is_none() { &own } else { &context.evidence.events }));
    let names = context.evidence.names.today();
    let place = context.places.collection(last.place.collection, &names, Position(u64::MAX));
    let reach = last.reach.as_deref().unwrap_or_default();
    let mut sentences = vec![match last.until {
        // The place and the reach are those of now, and may be newer than `since`.
        None => {
            let when = when(context, last.since, clock);
            format!("{title} is in {place}{reach}; {who} has had it since #{} ({when}).", last.since)
        }
        Some(until) => {
            let gone = because(context, timeline, until, clock);
            match last.reach {
                None => format!("{title} is not in a calendar of {who}'s own: {gone}."),
                Some(_) if !is_last => format!("{title} was in {place} before: {gone}."),
                Some(_) => {
                    format!("{title} is not in {who}'s calendars any more, where it was in {place}: {gone}.")
                }
            }
        }
    }];
    if last.reach.is_none() && last.until.is_none() && tree::is_latest_cancelled(&own) {
        sentences.push(format!("{who}'s copy is cancelled."));
    }
    for pair in intervals.windows(2) {
        let (Some(gone), back) = (pair[0].until, pair[1].since) else { continue };
        let lasted = at(context, back).0 - at(context, gone).0;
        let why = because(context, timeline, gone, clock);
        sentences.push(format!("It was missing for {}, from #{gone} to #{back}: {why}.", duration(lasted)));
    }
    sentences
}

/// Returns the times at which the person's own home had a copy.
fn intervals(context: &Context<'_>, person: PrincipalId) -> Vec<Interval> {
    let mut state = State::default();
    let mut intervals: Vec<Interval> = vec![];
    let own = |recorded: &&Recorded| context.homes.get(&recorded.stream) == Some(&person);
    for recorded in context.evidence.events.iter().filter(own) {
        state.apply(recorded);
        let place = state.of(recorded.stream).next().map(|(place, _)| place.clone());
        let open = intervals.last_mut().filter(|interval| interval.until.is_none());
        match (open, place) {
            (Some(interval), Some(place)) => interval.place = place,
            (Some(interval), None) => interval.until = Some(recorded.position),
            (None, Some(place)) => {
                intervals.push(Interval { since: recorded.position, place, until: None, reach: None });
            }
            (None, None) => {}
        }
    }
    intervals
}

/// Returns the reason for which the person lost a copy at a position, such as `Bob Brown deleted
/// their copy … on …, with …`.
fn because(context: &Context<'_>, timeline: &Timeline, position: Position, clock: &Clock) -> String {
    let Some(act) = timeline.acts.iter().find(|act| act.events.contains(&position)) else {
        return of_list(context, position, clock);
    };
    let when = clock.long(act.at);
    let Act { actor, deed, .. } = act;
    format!("{actor} {deed} (#{}, {when}, with {})", act.position, text::origin(act))
}

/// Returns the reason for which the person lost a copy by an event that is not part of the
/// timeline: a changed ACL of a collection above the calendar.
fn of_list(context: &Context<'_>, position: Position, clock: &Clock) -> String {
    let list = context.evidence.collections.iter().find(|recorded| recorded.position == position);
    match list.and_then(|list| Some((context.actor(list), calendars::deed(context, list)?))) {
        Some((actor, deed)) => format!("{actor} {deed} (#{position}, {})", when(context, position, clock)),
        None => format!("the event #{position} removed the access to the calendar"),
    }
}

/// Returns the sentence for a person who never had a copy. It gives the position of the first PUT
/// whose text names the person; if there is none, it says that the person was never invited.
fn never(context: &Context<'_>, person: PrincipalId, who: &str) -> Vec<String> {
    let title = foreign::quoted(&tree::title(&context.evidence.events));
    let is_named = |recorded: &Recorded| {
        let schemas::Event::Object(schemas::ObjectEvent::Put(put)) = &recorded.event else { return false };
        let changes = crate::change::between(None, Some(&put.content.ics));
        let mut whose = changes.iter().filter_map(|change| change.whose.as_deref());
        whose.any(|whose| context.evidence.names.principal(whose) == Some(person))
    };
    let first = context.evidence.events.iter().find(|recorded| is_named(recorded));
    vec![match first {
        Some(first) => {
            format!("{title} was never in {who}'s calendar, although the version #{} names {who}.", first.position)
        }
        None => {
            format!("{title} was never in {who}'s calendar: no version of it names {who}, so {who} was never invited.")
        }
    }]
}

fn at(context: &Context<'_>, position: Position) -> Timestamp {
    let all = context.evidence.events.iter().chain(&context.evidence.collections).chain(&context.evidence.shares);
    let found = all.into_iter().find(|recorded| recorded.position == position);
    found.map(|recorded| recorded.metadata.at).unwrap_or_default()
}

fn when(context: &Context<'_>, position: Position, clock: &Clock) -> String {
    clock.long(at(context, position))
}

/// Converts microseconds to words: `50 ms`, `3 minutes`, `2 days`.
fn duration(micros: i64) -> String {
    const UNITS: [(i64, &str); 4] =
        [(86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"), (1_000_000, "second")];
    match UNITS.iter().find(|(unit, _)| micros >= *unit) {
        Some((unit, name)) => {
            let count = micros / unit;
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {name}{plural}")
        }
        None => format!("{} ms", micros / 1_000),
    }
}
