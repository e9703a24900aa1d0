//! The attendee's own properties and alarms, which outlive updates by the organizer (RFC 6638
//! §3.2.2.1).
//!
//! **Invariant:** these properties belong to the attendee. Only an invitation to something that the
//! copy does not have sets them, to the organizer's values; later messages do not change them,
//! unless another organizer takes over the UID.

use crate::Context;
use crate::body::Body;
use crate::line::Line;
use crate::nested::Nested;
use crate::outgoing::is_sent;
use ical::{Component, Edit, Property};

/// The properties that an attendee sets only for their own clients, for example to colour a
/// meeting.
const PRIVATE: [&str; 4] = ["TRANSP", "CATEGORIES", "COLOR", "CLASS"];

/// The properties, besides STATUS, that state an attendee's progress with a task. Replies contain
/// them.
const PROGRESS: [&str; 2] = ["COMPLETED", "PERCENT-COMPLETE"];

/// Returns whether this property belongs to the attendee, as all do that messages never contain.
/// For the STATUS of a task see [`is_own_progress`].
pub(crate) fn is_own(line: &Line<'_>) -> bool {
    is_private(line) || PROGRESS.into_iter().any(|name| line.is(name))
}

fn is_private(line: &Line<'_>) -> bool {
    PRIVATE.into_iter().any(|name| line.is(name)) || !is_sent(line.name())
}

/// Returns the attendee's own properties in canonical spelling, and their alarms as written,
/// sorted.
pub(crate) fn own(body: &Body<'_>) -> Vec<String> {
    spelled(body, is_own)
}

/// Like [`own`], without the progress of a task.
pub(crate) fn private(body: &Body<'_>) -> Vec<String> {
    spelled(body, is_private)
}

fn spelled_lines(body: &Body<'_>, counts: fn(&Line<'_>) -> bool) -> Vec<String> {
    let mut lines: Vec<_> = body.lines.iter().filter(|line| counts(line)).map(Line::normal).collect();
    lines.sort();
    lines
}

fn spelled(body: &Body<'_>, counts: fn(&Line<'_>) -> bool) -> Vec<String> {
    let alarms = body.nested.iter().filter(|nested| !nested.is_shared()).map(|nested| nested.text().to_owned());
    let mut spelled = spelled_lines(body, counts);
    spelled.extend(alarms);
    spelled.sort();
    spelled
}

/// Returns whether the STATUS of a task in the copy is the attendee's own progress, which an update
/// by the organizer does not change (RFC 5546 §3.4.3).
///
/// STATUS is the attendee's if it agrees with their answer, or with COMPLETED and PERCENT-COMPLETE,
/// which stay after they were asked again. STATUS is nevertheless the organizer's if the organizer
/// has cancelled the task, or has completed it in a later revision. A message of the same revision
/// repeats what the attendee has seen (§2.1.4).
pub(crate) fn is_own_progress(known: &Body<'_>, said: &Body<'_>, context: &Context<'_>) -> bool {
    let is_mine = |line: &&Line<'_>| line.address().is_some_and(|address| (context.owns)(&address));
    let attendees = known.lines.iter().filter(|line| line.is("ATTENDEE"));
    let mut answers = attendees.filter(is_mine).filter_map(|line| line.param("PARTSTAT"));
    let is_completed = said.value("STATUS").is_some_and(|status| is_one_of(status, &["COMPLETED"]));
    let ends = is_completed && revision(said) > revision(known);
    known.name.eq_ignore_ascii_case("VTODO")
        && !said.is_cancelled()
        && (answers.any(|answer| agrees(answer, known.value("STATUS"))) || shows_progress(known))
        && !ends
}

/// Returns whether STATUS agrees with a PARTSTAT of COMPLETED or IN-PROCESS; false for another
/// PARTSTAT. An absent STATUS agrees with both, and NEEDS-ACTION agrees with IN-PROCESS.
fn agrees(answer: &str, status: Option<&str>) -> bool {
    let statuses: &[&str] = match answer.to_ascii_uppercase().as_str() {
        "COMPLETED" => &["COMPLETED"],
        "IN-PROCESS" => &["IN-PROCESS", "NEEDS-ACTION"],
        _ => return false,
    };
    status.is_none_or(|status| is_one_of(status, statuses))
}

fn revision(task: &Body<'_>) -> i32 {
    task.value("SEQUENCE").and_then(|sequence| sequence.trim().parse().ok()).unwrap_or_default()
}

/// Returns whether STATUS agrees with PERCENT-COMPLETE: IN-PROCESS with 1 to 99, COMPLETED with
/// 100. Without a percentage or at 0, it must be COMPLETED, and the property COMPLETED must be
/// there.
fn shows_progress(task: &Body<'_>) -> bool {
    let percent = task.value("PERCENT-COMPLETE").and_then(|percent| percent.trim().parse::<u8>().ok());
    task.value("STATUS").is_some_and(|status| match percent {
        Some(1..=99) => status.eq_ignore_ascii_case("IN-PROCESS"),
        Some(100..) => status.eq_ignore_ascii_case("COMPLETED"),
        _ => status.eq_ignore_ascii_case("COMPLETED") && task.line("COMPLETED").is_some(),
    })
}

fn is_one_of(value: &str, names: &[&str]) -> bool {
    names.iter().any(|name| value.eq_ignore_ascii_case(name))
}

/// Replaces the attendee's own properties and alarms in `body` by those of `known`, and STATUS if
/// it is the attendee's ([`is_own_progress`]).
pub(crate) fn carry<'a>(body: &mut Body<'a>, known: &Body<'a>, context: &Context<'_>) {
    let own_progress = is_own_progress(known, body, context);
    if own_progress {
        body.remove("STATUS");
    }
    let is_carried = |line: &&Line<'_>| is_own(line) || (own_progress && line.is("STATUS"));
    body.lines.retain(|line| !is_own(line));
    body.lines.extend(known.lines.iter().filter(is_carried).cloned());
    body.nested.retain(|inner| inner.is_shared());
    body.nested.extend(known.nested.iter().filter(|inner| !inner.is_shared()));
}

/// Returns the progress of a task (STATUS, COMPLETED and PERCENT-COMPLETE) in canonical spelling,
/// sorted. Empty for an event.
pub(crate) fn progress(body: &Body<'_>) -> Vec<String> {
    if body.name.eq_ignore_ascii_case("VTODO") { spelled_lines(body, is_progress) } else { vec![] }
}

fn is_progress(line: &Line<'_>) -> bool {
    line.is("STATUS") || PROGRESS.into_iter().any(|name| line.is(name))
}

/// Replaces the progress of `task` by that of `known`.
pub(crate) fn carry_progress<'a>(task: &mut Body<'a>, known: &Body<'a>) {
    task.lines.retain(|line| !is_progress(line));
    task.lines.extend(known.lines.iter().filter(|line| is_progress(line)).cloned());
}

/// Replaces the progress of a task by that of `known`.
pub(crate) fn replace_progress(task: Component<'_>, known: &Body<'_>, edit: &mut Edit<'_>) {
    replace_lines(task, known, is_progress, edit);
}

fn replace_lines(component: Component<'_>, known: &Body<'_>, counts: fn(&Line<'_>) -> bool, edit: &mut Edit<'_>) {
    for property in component.properties().filter(|property| counts(&Line::of(*property))) {
        edit.remove(property.id());
    }
    for line in known.lines.iter().filter(|line| counts(line)) {
        edit.append_property(component.id(), line.as_str());
    }
}

/// Replaces the attendee's private properties and alarms of a component by those of `known`.
pub(crate) fn replace_private(component: Component<'_>, known: &Body<'_>, edit: &mut Edit<'_>) {
    replace_lines(component, known, is_private, edit);
    let alarms = Nested::all(component).filter(|inner| !inner.is_shared());
    alarms.for_each(|alarm| edit.remove_component(alarm.id()));
    for inner in known.nested.iter().filter(|inner| !inner.is_shared()) {
        edit.append_component(component.id(), inner.text());
    }
}

/// Copies SCHEDULE-STATUS, the delivery status of the attendee's last reply (RFC 6638 §7.3), from
/// `organizer` to `line`. SCHEDULE-AGENT is not copied: the invitation came through this server, so
/// this server sends the replies.
pub(crate) fn keep_schedule(organizer: Property<'_>, line: &mut Line<'_>) {
    line.copy_param("SCHEDULE-STATUS", &Line::of(organizer));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ical::{Address, Document};

    #[test]
    fn no_progress_hides_that_a_task_is_cancelled() {
        let task = |status: &str, sequence: i32| {
            let lines = format!(
                "DUE:20260107T120000Z\nSTATUS:{status}\nSEQUENCE:{sequence}\n\
                 ATTENDEE;PARTSTAT=IN-PROCESS:mailto:bob@example.org\n"
            );
            let text = specimens::calendar(&specimens::component("VTODO", "1", &lines));
            Document::parse(text).expect("it is well-formed")
        };
        let owns = |address: &Address| address.canonical() == "mailto:bob@example.org";
        let context = Context { now: 0, owns: &owns, canonical: &Address::clone, knows: &|_| true };
        let rows = [
            ("the task goes on", "NEEDS-ACTION", 0, true),
            ("the organizer repeats that it is completed", "COMPLETED", 0, true),
            ("the organizer completes it", "COMPLETED", 1, false),
            ("the organizer cancels it", "CANCELLED", 1, false),
            ("it is cancelled in the revision that the copy has", "CANCELLED", 0, false),
        ];
        for (title, status, sequence, expected) in rows {
            let [known, said] = [task("IN-PROCESS", 0), task(status, sequence)];
            let [known, said] = [&known, &said].map(|task| Body::of(task.root().components().next().expect("a task")));
            assert_eq!(is_own_progress(&known, &said, &context), expected, "{title}");
        }
    }
}
