//! Distinguishes the organizer's properties in an attendee's copy from the attendee's own (RFC 6638
//! §3.2.2.1).
//!
//! **Invariant:** a different spelling is no change, and a property that the attendee may change
//! freely is not the organizer's.

use crate::body::Body;
use crate::diff::{self, Difference, TIMES};
use crate::line::Line;
use crate::meeting::Meeting;
use crate::nested::shared;
use crate::outgoing::is_sent;
use crate::times::InstanceKey;
use ical::unescape_text;
use std::collections::BTreeSet;

/// The properties that an attendee may change freely: those of RFC 6638 §3.2.2.1 (2 to 4 and 9),
/// others that concern only the attendee, COMMENT, and SEQUENCE, which the server restores.
const FREE: [&str; 13] = [
    "TRANSP",
    "PERCENT-COMPLETE",
    "COMPLETED",
    "CREATED",
    "DTSTAMP",
    "LAST-MODIFIED",
    "CATEGORIES",
    "COMMENT",
    "COLOR",
    "CLASS",
    "REQUEST-STATUS",
    "SEQUENCE",
    "ACKNOWLEDGED",
];

/// Returns whether the attendee may add, change and remove this property freely.
pub(crate) fn is_free(name: &str, component: &str) -> bool {
    let is = |free: &str| free.eq_ignore_ascii_case(name);
    let own_progress = component.eq_ignore_ascii_case("VTODO") && is("STATUS");
    own_progress || FREE.into_iter().any(is) || !is_sent(name)
}

/// Returns whether the property belongs to the organizer. Times, calendar users, UID and
/// RECURRENCE-ID do not count, because they have their own checks.
pub(crate) fn belongs_to_organizer(line: &Line<'_>, component: &str) -> bool {
    let apart = ["UID", "RECURRENCE-ID", "ORGANIZER", "ATTENDEE"];
    let judged_apart = apart.iter().chain(&TIMES).any(|name| line.is(name));
    !judged_apart && !is_free(line.name(), component)
}

/// Returns whether the server silently restores a line of the organizer that the client changed,
/// instead of refusing the change. It does so for the `X-` properties that messages contain, which
/// some clients rewrite with every change, and for the STATUS of a cancelled task (RFC 5546
/// §3.4.5).
pub(crate) fn is_put_back(line: &Line<'_>, known: &Body<'_>) -> bool {
    let is_private = line.name().get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-"));
    let is_task = known.name.eq_ignore_ascii_case("VTODO");
    (is_private && is_sent(line.name())) || (is_task && line.is("STATUS") && known.is_cancelled())
}

/// Returns the name and the value of a line for comparison. It ignores the parameters and what
/// clients change in a value: escapes, blanks at its start and at line ends, the spelling of
/// numbers in GEO, and slashes at the end of URL.
pub(crate) fn meaning(line: &Line<'_>) -> (String, String) {
    let text = unescape_text(line.value()).replace("\r\n", "\n");
    let text = text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let text = match line.name().to_ascii_uppercase().as_str() {
        "URL" => text.trim_end_matches('/').to_owned(),
        "GEO" => {
            let numbers: Option<Vec<f64>> = text.split(';').map(|part| part.trim().parse().ok()).collect();
            numbers.map_or(text, |numbers| format!("{numbers:?}"))
        }
        _ => text,
    };
    (line.name().to_ascii_uppercase(), text)
}

/// Returns the [`meaning`]s of those lines of a component that belong to the organizer.
pub(crate) fn meanings<'l, 'a: 'l>(
    lines: impl IntoIterator<Item = &'l Line<'a>>,
    component: &str,
) -> BTreeSet<(String, String)> {
    lines.into_iter().filter(|line| belongs_to_organizer(line, component)).map(meaning).collect()
}

/// Returns whether two versions of a component in a copy differ in the organizer's part.
/// `difference` is the difference between them.
pub(crate) fn differs(difference: Difference, known: &Body<'_>, said: &Body<'_>) -> bool {
    let stated = |body: &Body<'_>| meanings(body.lines.iter().filter(|line| !line.says_nothing()), &body.name);
    difference.rescheduled
        || difference.shortened
        || stated(known) != stated(said)
        || shared(&known.nested) != shared(&said.nested)
}

/// Returns whether an instance of a copy differs from its series in the organizer's part, or the
/// series has no such instance.
pub(crate) fn differs_from_series(key: InstanceKey, body: &Body<'_>, copy: &Meeting<'_>) -> bool {
    copy.derive(key).is_none_or(|series| {
        let difference = diff::between(&series, body, &copy.times, &copy.times);
        differs(difference, &series, body)
    })
}
