//! Scheduling, pure: what a change makes of everybody's copies and inboxes, whole conversations as golden texts.

mod attendee;
mod complaints;
mod everyday;
mod large;
mod quirks;
mod render;
mod rfc5546;
mod rfc5546_tasks;
mod rfc6638;
mod series;
mod tags;
mod times;
mod world;

use world::World;

/// A meeting of alice's with the given people, on Wednesday 2026-01-07 at noon.
fn meeting(attendees: &[&str]) -> String {
    event("lunch", "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nSUMMARY:Lunch\n", attendees)
}

/// Five Wednesdays.
fn weekly(attendees: &[&str]) -> String {
    let rule = "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nRRULE:FREQ=WEEKLY;COUNT=5\nSUMMARY:Lunch\n";
    event("lunch", rule, attendees)
}

fn event(uid: &str, properties: &str, attendees: &[&str]) -> String {
    calendar(&component(uid, properties, attendees))
}

fn component(uid: &str, properties: &str, attendees: &[&str]) -> String {
    let organizer = "ORGANIZER:mailto:alice@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.org\n";
    let attendees: String = attendees.iter().map(|name| format!("ATTENDEE:mailto:{name}@example.org\n")).collect();
    format!("BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260105T110000Z\n{properties}{organizer}{attendees}END:VEVENT\n")
}

fn calendar(components: &str) -> String {
    let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Client//EN\n{components}END:VCALENDAR\n");
    text.replace('\n', "\r\n")
}

/// A text without folds, with each of these replaced wherever it stands; what is not there is a fault of the test.
fn replaced(ics: &str, changes: &[(&str, &str)]) -> String {
    let mut text = ics.replace("\r\n ", "");
    for (old, new) in changes {
        assert!(text.contains(old), "no {old} in\n{text}");
        text = text.replace(old, new);
    }
    text
}

/// The copy of `who`, with the answer of `who` changed to `partstat` everywhere.
fn answered(world: &World, who: &str, uid: &str, partstat: &str) -> String {
    let address = format!(":mailto:{who}@example.org");
    let copy = world.copy(who, uid).replace("\r\n ", "");
    let line = |line: &str| match line.strip_suffix(&address) {
        Some(start) if start.starts_with("ATTENDEE") => {
            let kept: Vec<_> = start.split(';').filter(|part| !part.starts_with("PARTSTAT=")).collect();
            format!("{};PARTSTAT={partstat}{address}\r\n", kept.join(";"))
        }
        _ => format!("{line}\r\n"),
    };
    copy.lines().map(line).collect()
}

/// Compares the last step with its golden file.
macro_rules! golden {
    ($world:expr, $name:literal) => {
        insta::with_settings!({ snapshot_path => "../../scheduling", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, crate::scheduling::render::render(&$world.happened));
        });
    };
}
use golden;
