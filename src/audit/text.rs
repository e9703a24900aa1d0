//! Writes a timeline as text for people.
//!
//! **Invariant:** each event and each change is one line, whatever clients wrote. See
//! [`crate::foreign`].

use std::fmt::Write;

use schemas::{Position, Timestamp};

use crate::{
    Act, Change, Clock, Entry, Fault, LeftOut, Names, Timeline, agent, change, foreign, moment, reasons::list,
};

/// Width of the column with the positions of acts.
const INDENT: usize = 6;

/// Returns the acts, each in a few lines with its consequences. The text ends with a line break.
pub fn folded(timeline: &Timeline, clock: &Clock) -> String {
    let mut text = header(timeline);
    for act in &timeline.acts {
        self::act(&mut text, act, clock);
    }
    text
}

/// Returns the acts like [`folded`], with additional lines inserted by their time. `additional`
/// must be ordered by time.
pub fn folded_with(timeline: &Timeline, additional: &[(Timestamp, String)], clock: &Clock) -> String {
    let mut text = header(timeline);
    let mut additional = additional.iter().peekable();
    let mut lines_until = |text: &mut String, until: Option<Timestamp>| {
        while let Some((_, line)) = additional.next_if(|(at, _)| until.is_none_or(|until| *at <= until)) {
            let _ = writeln!(text, "{:INDENT$}{line}", "·");
        }
    };
    for act in &timeline.acts {
        lines_until(&mut text, Some(act.at));
        self::act(&mut text, act, clock);
    }
    lines_until(&mut text, None);
    text
}

/// Returns all events, each below its cause.
pub fn unfolded(timeline: &Timeline, names: &Names, clock: &Clock) -> String {
    let mut text = header(timeline);
    let mut began = Timestamp::default();
    for entry in &timeline.entries {
        if entry.depth == 0 {
            began = entry.at;
            text.push('\n');
        }
        line(&mut text, entry, began, clock);
        for change in &entry.changes {
            let indent = 10 + 2 * (entry.depth + 1);
            let _ = writeln!(text, "{:indent$}{}", "", self::change(change, entry, names));
        }
    }
    text
}

fn header(timeline: &Timeline) -> String {
    let Timeline { uid, title, homes, entries, acts, faults, unlisted, paths: _, left_out } = timeline;
    if entries.is_empty() && faults.is_empty() && left_out.acts == 0 {
        return format!("No meeting with the UID {} is recorded.\n", foreign::identifier(uid));
    }
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let counts =
        format!("{}, {} in {}", count(acts.len(), "act"), count(entries.len(), "event"), count(*homes, "home"));
    let mut text = if uid.is_empty() {
        format!("{counts}\n")
    } else {
        format!("{} ({}): {counts}\n", foreign::quoted(title), foreign::identifier(uid))
    };
    if acts.is_empty() && left_out.acts > 0 {
        text.push_str(&no_act_fits(left_out));
    }
    for Fault { position, why } in faults {
        let _ = writeln!(text, "ALTERED #{position}: {}", foreign::visible(why));
    }
    for owner in unlisted {
        let _ = writeln!(
            text,
            "INDEX WRONG: the read model does not list {owner}'s copy; run `daybook verify --read-models`"
        );
    }
    text
}

fn no_act_fits(LeftOut { acts, changed }: &LeftOut) -> String {
    let whole = if *acts == 1 { "1 act is".to_owned() } else { format!("{acts} acts are") };
    let changed: Vec<String> = changed.iter().map(|name| foreign::identifier(name)).collect();
    let which =
        if changed.is_empty() { String::new() } else { format!(" Properties that were changed: {}.", list(&changed)) };
    format!("No act matches the filter; {whole} recorded.{which}\n")
}

/// Returns the program (or else the method), the address and the ground of an act, as far as they
/// are known: `Thunderbird 128.5.2, 192.0.2.4`.
pub(crate) fn origin(act: &Act) -> String {
    let program = act.program.clone().unwrap_or_else(|| foreign::identifier(&act.via));
    let address = (!act.address.is_empty()).then(|| foreign::identifier(&act.address));
    let parts: Vec<String> = [Some(program), address, act.right.clone()].into_iter().flatten().collect();
    parts.join(", ")
}

fn act(text: &mut String, act: &Act, clock: &Clock) {
    let number = number(act.position, INDENT);
    let altered = if act.altered.is_empty() { "" } else { "ALTERED  " };
    let when = clock.long(act.at);
    let events = if act.events.len() > 1 { format!("  [{} events]", act.events.len()) } else { String::new() };
    let server: Vec<_> = act.server.iter().map(|line| format!("server: {line}")).collect();
    if act.is_answer && act.not_notified.is_empty() {
        let told = if act.notified.is_empty() { String::new() } else { format!("; told {}", list(&act.notified)) };
        let origin = origin(act);
        let _ = writeln!(text, "{number}{altered}{when}  {} {}{told}  {origin}{events}", act.actor, act.deed);
        return;
    }
    let _ = writeln!(text, "{number}{altered}{when}  {}  {}", act.actor, origin(act));
    let mut lines = vec![act.deed.clone()];
    lines.extend(act.details.iter().cloned());
    lines.extend(server);
    if !act.notified.is_empty() {
        lines.push(format!("told: {}", act.notified.join("; ")));
    }
    lines.extend(act.not_notified.iter().map(|line| format!("not told: {line}")));
    let last = lines.len() - 1;
    for (index, line) in lines.iter().enumerate() {
        let events = if index == last { events.as_str() } else { "" };
        let _ = writeln!(text, "{:INDENT$}{line}{events}", "");
    }
}

/// Returns `#12` padded to a column of `width` characters. A longer number is followed by one
/// blank.
pub(crate) fn number(position: Position, width: usize) -> String {
    let number = format!("#{position} ");
    format!("{number:<width$}")
}

/// Writes the line of an event: `#12 Mon 5 Jan 2026 09:00:00 UTC Alice …`. An event below a cause
/// has the time since the topmost event above it instead of the date.
fn line(text: &mut String, entry: &Entry, began: Timestamp, clock: &Clock) {
    let altered = if entry.fault.is_some() { "ALTERED  " } else { "" };
    let (sentence, depth) = (&entry.sentence, &entry.depth);
    let _ = if *depth == 0 {
        writeln!(text, "{}{altered}{}  {sentence}{}", number(entry.position, 8), clock.long(entry.at), client(entry))
    } else {
        let later = (entry.at.0 - began.0) / 1000;
        writeln!(
            text,
            "{}{:indent$}→ {altered}{sentence}  (+{later} ms)",
            number(entry.position, 8),
            "",
            indent = 2 * depth
        )
    };
}

fn client(entry: &Entry) -> String {
    let address = (!entry.address.is_empty()).then(|| foreign::identifier(&entry.address));
    let via = (!entry.via.is_empty()).then(|| foreign::identifier(&entry.via));
    let parts: Vec<String> = [via, agent::program(&entry.agent), address].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("  [{}]", parts.join(", ")) }
}

/// Returns the line of a change: `the instance of …: starts … → …  [significant]`.
fn change(change: &Change, entry: &Entry, names: &Names) -> String {
    let which = change.instance.as_ref().map(|id| format!("the instance of {}: ", moment::value(id)));
    let phrase = change::phrase(change, &names.at(entry.position));
    format!("{}{phrase}  [{}]", which.unwrap_or_default(), change.class.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_any_length_is_apart_from_what_follows() {
        for (position, expected) in [(7, "#7    "), (9_999, "#9999 "), (11_948, "#11948 "), (1_234_567, "#1234567 ")] {
            assert_eq!(number(Position(position), 6), expected);
        }
    }
}
