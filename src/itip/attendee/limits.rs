//! Limits for what one answer may add to the organizer's object, and so to everybody's copy.
//!
//! **Invariant:** an answer is checked against the limits before it is applied.

use super::refusal;
use crate::line::Line;
use crate::meeting::{Meeting, Part};
use crate::times::InstanceKey;
use crate::{Context, Refusal};
use ical::Component;
use std::collections::BTreeMap;

/// The maximum number of instances that one change or message may answer separately from the
/// series. Overrides and exclusions that existed before do not count.
pub(crate) const MAX_ANSWERED_INSTANCES: usize = 500;
/// The maximum size of an answer to one component, in bytes. Text that the attendee adds or changes
/// in their own ATTENDEE lines and in those of the delegates counts.
pub(crate) const MAX_ANSWER_BYTES: usize = 4_096;

/// Checks the size of the answer that an attendee gives by storing `is` in place of `was`.
///
/// Returns an error if the answer exceeds a limit.
pub(super) fn check(was: Option<&Meeting<'_>>, is: &Meeting<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    if answers_too_many(was, is) {
        let why = format!(
            "at most {MAX_ANSWERED_INSTANCES} instances can be answered separately in one change; answer the series \
             instead"
        );
        return Err(refusal("RECURRENCE-ID", None, &why));
    }
    let is_answer = |line: &Line<'_>| {
        let is_mine = || line.address().is_some_and(|address| (context.owns)(&address));
        line.param("DELEGATED-FROM").is_some() || is_mine()
    };
    for (component_key, part) in is.parts() {
        let known = || was.and_then(|was| was.at(component_key));
        if says_too_much(part.component, is_answer, known) {
            let instance = part.recurrence_id().map(|id| id.value().to_owned());
            return Err(refusal(
                "ATTENDEE",
                instance,
                &format!(
                    "the ATTENDEE lines of the attendee and their delegates add more than {MAX_ANSWER_BYTES} bytes; \
                     shorten their parameters, or delegate to fewer people"
                ),
            ));
        }
    }
    Ok(())
}

/// Returns whether `is` answers more than [`MAX_ANSWERED_INSTANCES`] instances separately. The
/// overrides that `was` lacks count as answers and, unless `was` is `None`, so do the exclusions.
fn answers_too_many(was: Option<&Meeting<'_>>, is: &Meeting<'_>) -> bool {
    // In a new copy only the overrides are answers, because its exclusions may be the organizer's.
    let excluded = is.exdates.keys().filter(|key| was.is_some_and(|was| !was.exdates.contains_key(key)));
    is_over(overrides_beyond(was, is).chain(excluded))
}

/// Returns whether a REPLY has overrides for more than [`MAX_ANSWERED_INSTANCES`] instances for
/// which `object` has none. Instances that the REPLY excludes do not count.
pub(crate) fn replies_too_many(object: &Meeting<'_>, reply: &Meeting<'_>) -> bool {
    is_over(overrides_beyond(Some(object), reply))
}

fn overrides_beyond<'m>(was: Option<&'m Meeting<'_>>, is: &'m Meeting<'_>) -> impl Iterator<Item = &'m InstanceKey> {
    is.overrides.keys().filter(move |key| !was.is_some_and(|was| was.overrides.contains_key(key)))
}

fn is_over<'m>(instances: impl Iterator<Item = &'m InstanceKey>) -> bool {
    instances.take(MAX_ANSWERED_INSTANCES + 1).count() > MAX_ANSWERED_INSTANCES
}

/// Returns true if a component of a REPLY would add too much text about its attendee and the
/// delegates to the organizer's object (more than [`MAX_ANSWER_BYTES`]).
pub(crate) fn is_answer_too_long(said: Component<'_>, known: Option<&Part<'_>>) -> bool {
    says_too_much(said, |_| true, || known)
}

/// Returns true if the ATTENDEE lines for which `is_answer` is true are together longer than
/// [`MAX_ANSWER_BYTES`]. Of a line whose address `known` lists, only the new parameters count.
fn says_too_much<'p, 'a: 'p>(
    component: Component<'_>,
    is_answer: impl Fn(&Line<'_>) -> bool,
    known: impl FnOnce() -> Option<&'p Part<'a>>,
) -> bool {
    let lines: Vec<_> = component.properties_named("ATTENDEE").map(Line::of).filter(is_answer).collect();
    if lines.iter().map(|line| line.as_str().len()).sum::<usize>() <= MAX_ANSWER_BYTES {
        return false;
    }
    let known = known().into_iter().flat_map(|part| part.component.properties_named("ATTENDEE")).map(Line::of);
    let mut known: BTreeMap<_, _> = known.filter_map(|line| Some((line.address()?, line))).collect();
    let beyond =
        |line: &Line<'_>| line.bytes_beyond(line.address().and_then(|address| known.remove(&address)).as_ref());
    lines.iter().map(beyond).sum::<usize>() > MAX_ANSWER_BYTES
}
