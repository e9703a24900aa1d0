//! The attendee's own properties and alarms, which outlive updates by the organizer (RFC 6638
//! §3.2.2.1).
//!
//! **Invariant:** these properties are the attendee's. The invitation brings the organizer's
//! values, later messages change none.

use crate::Context;
use crate::body::Body;
use crate::line::Line;
use crate::nested::Nested;
use crate::outgoing::is_sent;
use ical::{Component, Edit, Property};

const OWN: [&str; 6] = ["TRANSP", "CATEGORIES", "COLOR", "CLASS", "COMPLETED", "PERCENT-COMPLETE"];

/// Returns whether this property belongs to the attendee.
pub(crate) fn is_own(line: &Line<'_>) -> bool {
    OWN.into_iter().any(|name| line.is(name)) || !is_sent(line.name())
}

/// Returns the attendee's own properties and alarms in canonical spelling, sorted.
pub(crate) fn own(body: &Body<'_>) -> Vec<String> {
    let lines = body.lines.iter().filter(|line| is_own(line)).map(Line::normal);
    let alarms = body.nested.iter().filter(|nested| !nested.is_shared()).map(|nested| nested.text().to_owned());
    let mut own: Vec<_> = lines.chain(alarms).collect();
    own.sort();
    own
}

/// Returns whether the copy's STATUS of a task is the attendee's progress, and the organizer has
/// neither completed nor cancelled the task (RFC 5546 §3.4.3). It is, as long as they answer that
/// they work on it or have completed it; and where they are asked anew, as long as STATUS says the
/// same as COMPLETED and PERCENT-COMPLETE, which are theirs.
pub(crate) fn is_own_progress(known: &Body<'_>, said: &Body<'_>, context: &Context<'_>) -> bool {
    let is_mine = |line: &&Line<'_>| line.address().is_some_and(|address| (context.owns)(&address));
    let attendees = known.lines.iter().filter(|line| line.is("ATTENDEE"));
    let mut answers = attendees.filter(is_mine).filter_map(|line| line.param("PARTSTAT"));
    let ends = ["COMPLETED", "CANCELLED"];
    known.name.eq_ignore_ascii_case("VTODO")
        && (answers.any(|answer| is_one_of(answer, &["COMPLETED", "IN-PROCESS"])) || shows_progress(known))
        && !said.value("STATUS").is_some_and(|status| is_one_of(status, &ends))
}

/// Returns whether STATUS agrees with the other properties of progress.
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

/// Copies the attendee's own properties, progress and alarms from `known` to `body`.
pub(crate) fn carry<'a>(body: &mut Body<'a>, known: &Body<'a>, context: &Context<'_>) {
    let own_progress = is_own_progress(known, body, context);
    if own_progress {
        body.remove("STATUS");
    }
    let is_carried = |line: &&Line<'_>| is_own(line) || (own_progress && line.is("STATUS"));
    let own: Vec<_> = known.lines.iter().filter(is_carried).cloned().collect();
    body.lines.retain(|line| !own.iter().any(|own| own.is(line.name())));
    body.lines.extend(own);
    body.nested.retain(|inner| inner.is_shared());
    body.nested.extend(known.nested.iter().filter(|inner| !inner.is_shared()));
}

/// Replaces the attendee's own properties and alarms of a component by those of `known`.
pub(crate) fn replace_own(component: Component<'_>, known: &Body<'_>, edit: &mut Edit<'_>) {
    for property in component.properties().filter(|property| is_own(&Line::of(*property))) {
        edit.remove(property.id());
    }
    for line in known.lines.iter().filter(|line| is_own(line)) {
        edit.append_property(component.id(), line.as_str());
    }
    let alarms = Nested::all(component).filter(|inner| !inner.is_shared());
    alarms.for_each(|alarm| edit.remove_component(alarm.id()));
    for inner in known.nested.iter().filter(|inner| !inner.is_shared()) {
        edit.append_component(component.id(), inner.text());
    }
}

/// Copies the status of the attendee's last reply (RFC 6638 §7.3). A SCHEDULE-AGENT is not copied:
/// the invitation came through this server, so this server sends the replies.
pub(crate) fn keep_schedule(organizer: Property<'_>, line: &mut Line<'_>) {
    line.copy_param("SCHEDULE-STATUS", &Line::of(organizer));
}
