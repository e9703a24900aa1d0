//! Answers invitations automatically in the owner's name, for example for rooms and resources.
//!
//! **Invariant:** an automatic answer equals an answer that the owner could have stored. [`answer`]
//! answers only components in which an ATTENDEE line of the owner has NEEDS-ACTION.

use crate::body::Body;
use crate::inbound::OrganizersComments;
use crate::meeting::{Attendee, ComponentKey, Meeting, Part};
use crate::participation::{DECLINED, NEEDS_ACTION, partstat};
use crate::times::{InstanceKey, utc};
use crate::{Change, Context, attendee};
use ical::recur::{Budget, Instance, instances};
use ical::rule::End;
use ical::series::Series;
use ical::time::Window;
use ical::zone::{Zone, Zones};
use ical::{Document, Edit, Property};
use schemas::principal::AutomaticAnswer;
use std::fmt;

/// The time, in seconds, from now to the horizon, which is the end of the search for conflicts:
/// five years. [`answer`] counts it from the latest DTSTART of the meeting, if that is after now.
/// An accepted series that continues after the horizon gets a COMMENT that names the horizon, and
/// is checked again as time passes ([`look_again`]).
const HORIZON: i64 = 5 * 366 * 86_400;
/// The length, in seconds, of the period before the horizon (the end of the search for conflicts)
/// that [`look_again`] checks: 400 days. Calls that are at most 400 days apart leave out no time.
const SEEN_AGAIN: i64 = 400 * 86_400;
/// The length, in seconds, of the period after the horizon (the end of the search for conflicts) in
/// which an instance shows that the series continues.
const BEYOND: i64 = 4 * HORIZON;
/// The beginning of the COMMENT that names the end of the search.
const CHECKED: &str = "Checked for conflicts until ";
/// The maximum number of instances of an invitation that are checked for conflicts. A person must
/// answer a meeting with more instances between now and the horizon.
const MAX_INSTANCES: usize = 2_000;
const ACCEPTED: &str = "ACCEPTED";

/// Returns the answer for times at which the owner is free; `None` if a person must answer.
fn answer_if_free(mode: AutomaticAnswer) -> Option<&'static str> {
    match mode {
        AutomaticAnswer::Automatic | AutomaticAnswer::AcceptAlways | AutomaticAnswer::AcceptIfFree => Some(ACCEPTED),
        AutomaticAnswer::DeclineAlways => Some(DECLINED),
        AutomaticAnswer::None | AutomaticAnswer::DeclineIfBusy => None,
    }
}

/// Returns the answer for times at which the owner is busy; `None` if a person must answer.
fn answer_if_busy(mode: AutomaticAnswer) -> Option<&'static str> {
    match mode {
        AutomaticAnswer::Automatic | AutomaticAnswer::DeclineAlways | AutomaticAnswer::DeclineIfBusy => Some(DECLINED),
        AutomaticAnswer::AcceptAlways => Some(ACCEPTED),
        AutomaticAnswer::None | AutomaticAnswer::AcceptIfFree => None,
    }
}

/// Returns for each of the times whether another object makes the owner busy. A decision calls this
/// function at most once, for all its instances, because each call expands the other objects.
pub type AreBusy<'a> = &'a dyn Fn(&[Window]) -> Vec<bool>;

/// The effect of accepted meetings on the owner's busy times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Accepted meetings make the owner busy as TRANSP states: for a person (RFC 5545 §3.8.2.7).
    AsWritten,
    /// Accepted meetings always make the owner busy: for a room or resource, which cannot be booked
    /// twice.
    Always,
}

/// The availability of the owner, on which an automatic answer depends.
#[derive(Clone, Copy)]
pub struct OwnersTime<'t> {
    /// The function that finds out when other objects make the owner busy.
    pub are_busy: AreBusy<'t>,
    /// The effect of accepted meetings on the owner's busy times.
    pub takes: Takes,
    /// The owner's time zone, for dates and floating times.
    pub zone: &'t Zone,
}

impl fmt::Debug for OwnersTime<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { takes, zone, .. } = self;
        formatter.debug_struct("OwnersTime").field("takes", takes).field("zone", zone).finish_non_exhaustive()
    }
}

/// Answers the components of the attendee's copy that are neither answered nor cancelled, except
/// those that a person must answer; `None` if it answers none.
///
/// `organizers` are the comments in the copy that are not the owner's.
pub fn answer(
    copy: &Document,
    mode: AutomaticAnswer,
    time: &OwnersTime<'_>,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Option<Change> {
    let OwnersTime { are_busy, takes, zone } = *time;
    let (meeting, zones) = (Meeting::of(copy, context), Zones::of(copy));
    let all = Series::of(copy, &zones);
    let starts = meeting.parts().filter_map(|(_, part)| part.component.start());
    let latest = starts.map(|start| zones.instant(&start, zone)).max().unwrap_or(context.now);
    let horizon = latest.max(context.now).saturating_add(HORIZON);
    let window = Window::new(context.now, horizon);
    let ahead = instances(all.first()?, &zones, zone, window, &Budget::default()).ok()?;
    if ahead.len() > MAX_INSTANCES {
        return None;
    }
    let mut edit = copy.edit();
    let unanswered = unanswered(&meeting, &ahead, context);
    let instances: Vec<_> = unanswered.iter().flat_map(|unanswered| unanswered.instances.iter().copied()).collect();
    let mut taken = taken(&instances, are_busy).into_iter();
    for Unanswered { key: component_key, part, me, instances } in unanswered {
        let (busy, free): (Vec<_>, Vec<_>) = instances.into_iter().partition(|_| taken.next().unwrap_or(true));
        let verdict = if busy.is_empty() {
            answer_if_free(mode)
        } else if free.is_empty() || component_key != ComponentKey::Master {
            answer_if_busy(mode)
        } else {
            except(&meeting, &busy, me, mode, &mut edit);
            // In accept-if-free mode a series with conflicts is not answered automatically.
            answer_if_free(mode).filter(|_| answer_if_busy(mode).is_some())
        };
        if let Some(verdict) = verdict {
            edit.set_param(me.property.id(), "PARTSTAT", verdict);
            edit.remove_param(me.property.id(), "RSVP");
            let goes_on = verdict == ACCEPTED && goes_on(part, all.first()?, &zones, zone, horizon);
            name_horizon(part, goes_on.then_some(horizon), &mut edit);
        }
    }
    if edit.is_empty() {
        return None;
    }
    if takes == Takes::Always {
        // TRANSP in the invitation is about the organizer's time, not about the room's.
        let transparent = meeting.parts().filter_map(|(_, part)| part.component.property("TRANSP"));
        transparent.for_each(|transp| edit.set_value(transp.id(), "OPAQUE"));
    }
    store(copy, edit.finish(), organizers, context)
}

/// Returns the period in which [`look_again`] searches for conflicts at `now` (seconds since the
/// epoch).
pub fn seen_again(now: i64) -> Window {
    let horizon = now.saturating_add(HORIZON);
    Window::new(horizon.saturating_sub(SEEN_AGAIN), horizon)
}

/// Declines those instances of an accepted series at which other objects make the owner busy;
/// `None` if it declines none. Only the modes `Automatic` and `DeclineIfBusy` decline.
///
/// Only instances without an override that overlap the period [`seen_again`] are considered.
pub fn look_again(
    copy: &Document,
    mode: AutomaticAnswer,
    time: &OwnersTime<'_>,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Option<Change> {
    let OwnersTime { are_busy, zone, .. } = *time;
    let meeting = Meeting::of(copy, context);
    let series = meeting.master.as_ref().filter(|series| !series.cancelled)?;
    let me = series.attendees.iter().find(|attendee| attendee.is_owned(context))?;
    if partstat(me.property) != ACCEPTED {
        return None;
    }
    let (zones, window) = (Zones::of(copy), seen_again(context.now));
    let all = Series::of(copy, &zones);
    let ahead = instances(all.first()?, &zones, zone, window, &Budget::default()).ok()?;
    let own: Vec<_> = ahead.iter().filter(|instance| instance.component.id() == series.component.id()).collect();
    let taken = taken(&own, are_busy);
    let busy: Vec<_> = own.into_iter().zip(taken).filter_map(|(instance, taken)| taken.then_some(instance)).collect();
    if busy.is_empty() {
        return None;
    }
    let mut edit = copy.edit();
    except(&meeting, &busy, me, mode, &mut edit);
    if edit.is_empty() {
        return None;
    }
    let goes_on = goes_on(series, all.first()?, &zones, zone, window.end);
    name_horizon(series, goes_on.then_some(window.end), &mut edit);
    store(copy, edit.finish(), organizers, context)
}

/// Writes the COMMENT that names the end of the search in place of an earlier one. `None` removes
/// it.
fn name_horizon(part: &Part<'_>, horizon: Option<i64>, edit: &mut Edit<'_>) {
    let is_earlier = |comment: &Property<'_>| comment.value().starts_with(CHECKED);
    for comment in part.component.properties_named("COMMENT").filter(is_earlier) {
        edit.remove(comment.id());
    }
    if let Some(horizon) = horizon {
        edit.append_property(part.component.id(), &format!("COMMENT:{CHECKED}{}", utc(horizon)));
    }
}

/// Returns whether a component has a rule without an end, or instances in the period [`BEYOND`]
/// after the horizon. True also if it has too many instances to find out.
fn goes_on(part: &Part<'_>, series: &Series<'_>, zones: &Zones, zone: &Zone, horizon: i64) -> bool {
    if part.component.rules().any(|rule| rule.end == End::Never) {
        return true;
    }
    if part.recurrence_id().is_some() {
        return false;
    }
    let beyond = Window::new(horizon, horizon.saturating_add(BEYOND));
    let later = instances(series, zones, zone, beyond, &Budget::default());
    later.map_or(true, |later| later.iter().any(|instance| instance.component.id() == part.component.id()))
}

/// A component that the owner has not answered.
struct Unanswered<'p, 'a> {
    key: ComponentKey,
    part: &'p Part<'a>,
    /// The owner's ATTENDEE line.
    me: &'p Attendee<'a>,
    /// The instances of this component from now until the horizon.
    instances: Vec<&'p Instance<'a>>,
}

fn unanswered<'p, 'a>(
    meeting: &'p Meeting<'a>,
    ahead: &'p [Instance<'a>],
    context: &Context<'_>,
) -> Vec<Unanswered<'p, 'a>> {
    let parts = meeting.parts().filter(|(_, part)| !part.cancelled);
    let unanswered = |(key, part): (ComponentKey, &'p Part<'a>)| {
        let me = waiting(part, context)?;
        let instances = ahead.iter().filter(|instance| instance.component.id() == part.component.id()).collect();
        Some(Unanswered { key, part, me, instances })
    };
    parts.filter_map(unanswered).collect()
}

/// Returns for each of the instances whether the owner is busy at its time.
fn taken(instances: &[&Instance<'_>], are_busy: AreBusy<'_>) -> Vec<bool> {
    let times: Vec<_> = instances.iter().map(|instance| Window::new(instance.start, instance.end)).collect();
    if times.is_empty() { vec![] } else { are_busy(&times) }
}

/// Returns the first ATTENDEE line of the owner whose PARTSTAT is NEEDS-ACTION; `None` if there is
/// none.
fn waiting<'p, 'a>(part: &'p Part<'a>, context: &Context<'_>) -> Option<&'p Attendee<'a>> {
    part.attendees.iter().find(|attendee| attendee.is_owned(context) && partstat(attendee.property) == NEEDS_ACTION)
}

/// Creates an override with the answer for busy times for each instance in `busy`, if `mode` has
/// such an answer, and it differs from the one for free times.
fn except(
    meeting: &Meeting<'_>,
    busy: &[&Instance<'_>],
    me: &Attendee<'_>,
    mode: AutomaticAnswer,
    edit: &mut Edit<'_>,
) {
    let Some(verdict) = answer_if_busy(mode).filter(|verdict| Some(*verdict) != answer_if_free(mode)) else { return };
    for instance in busy {
        let key: InstanceKey = meeting.times.key(&instance.key.date_time());
        let Some(mut body) = meeting.derive(key) else { continue };
        body.lines.retain(|line| !(line.is("COMMENT") && line.value().starts_with(CHECKED)));
        decide(&mut body, me, verdict);
        edit.append_component(meeting.document.root().id(), &body.text());
    }
}

fn decide(body: &mut Body<'_>, me: &Attendee<'_>, verdict: &str) {
    let is_me = |line: &&mut crate::line::Line<'_>| line.as_str() == me.property.content_line();
    for line in body.lines.iter_mut().filter(is_me) {
        line.set_param("PARTSTAT", verdict);
        line.remove_param("RSVP");
    }
}

/// Returns the change as if the owner had stored the answer. The reply states every component, as
/// organizers expect of a room. `None` if an attendee may not store the answer.
fn store(copy: &Document, answered: String, organizers: &OrganizersComments, context: &Context<'_>) -> Option<Change> {
    let document = Document::parse(answered).ok()?;
    let change = attendee::restate(copy, &document, organizers, context).ok()?;
    let stored = change.stored.unwrap_or_else(|| document.into_string());
    Some(Change { stored: Some(stored), ..change })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ical::Address;

    /// 2026-01-05T12:00:00Z, a Monday.
    const NOW: i64 = 1_767_614_400;

    /// Returns for each time whether the owner is busy: on Tuesdays.
    fn tuesdays(times: &[Window]) -> Vec<bool> {
        times.iter().map(|time| time.start.div_euclid(86_400).rem_euclid(7) == 5).collect()
    }

    /// Returns the availability of an owner whose time zone is UTC, and who is busy as TRANSP
    /// states.
    fn time(are_busy: AreBusy<'_>) -> OwnersTime<'_> {
        OwnersTime { are_busy, takes: Takes::AsWritten, zone: &Zone::Utc }
    }

    fn answer_to(lines: &str, mode: AutomaticAnswer) -> Option<Change> {
        let text = specimens::event(
            "1",
            &format!("{lines}ORGANIZER:mailto:alice@example.org\nATTENDEE:mailto:lake@example.org\n"),
        );
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        let context = Context { now: NOW, owns: &owns, canonical: &canonical, knows: &|_| true };
        answer(
            &Document::parse(text).expect("well-formed"),
            mode,
            &time(&tuesdays),
            &OrganizersComments::default(),
            &context,
        )
    }

    #[test]
    fn each_mode_answers_what_it_may() {
        let wednesday = "DTSTART:20260107T120000Z\r\nDTEND:20260107T130000Z\r\n";
        let tuesday = "DTSTART:20260106T120000Z\r\nDTEND:20260106T130000Z\r\n";
        let rows = [
            ("free, automatic", wednesday, AutomaticAnswer::Automatic, Some("PARTSTAT=ACCEPTED")),
            ("busy, automatic", tuesday, AutomaticAnswer::Automatic, Some("PARTSTAT=DECLINED")),
            ("busy, accepting always", tuesday, AutomaticAnswer::AcceptAlways, Some("PARTSTAT=ACCEPTED")),
            ("free, declining always", wednesday, AutomaticAnswer::DeclineAlways, Some("PARTSTAT=DECLINED")),
            ("busy, accepting if free", tuesday, AutomaticAnswer::AcceptIfFree, None),
            ("free, declining if busy", wednesday, AutomaticAnswer::DeclineIfBusy, None),
            ("not at all", wednesday, AutomaticAnswer::None, None),
        ];
        for (title, lines, mode, expected) in rows {
            let change = answer_to(lines, mode);
            let stored = change.as_ref().and_then(|change| change.stored.clone());
            assert_eq!(stored.is_some(), expected.is_some(), "{title}");
            assert!(stored.unwrap_or_default().contains(expected.unwrap_or_default()), "{title}");
            assert_eq!(change.map_or(0, |change| change.messages.len()), usize::from(expected.is_some()), "{title}");
        }
    }

    #[test]
    fn a_meeting_years_ahead_is_not_booked_twice_either() {
        let tuesday = "DTSTART:20990106T120000Z\r\nDTEND:20990106T130000Z\r\n";
        let stored =
            answer_to(tuesday, AutomaticAnswer::Automatic).and_then(|change| change.stored).expect("an answer");
        assert!(stored.contains("PARTSTAT=DECLINED"), "{stored}");
    }

    #[test]
    fn a_series_is_accepted_except_for_the_busy_instances() {
        let daily = "DTSTART:20260105T130000Z\r\nDTEND:20260105T140000Z\r\nRRULE:FREQ=DAILY;COUNT=9\r\n";
        let change = answer_to(daily, AutomaticAnswer::Automatic).expect("an answer");
        let stored = change.stored.expect("a changed copy");
        assert_eq!(stored.matches("PARTSTAT=ACCEPTED").count(), 1, "{stored}");
        assert_eq!(stored.matches("PARTSTAT=DECLINED").count(), 2, "two Tuesdays: {stored}");
        for tuesday in ["RECURRENCE-ID:20260106T130000Z", "RECURRENCE-ID:20260113T130000Z"] {
            assert!(stored.contains(tuesday), "{stored}");
        }
    }

    #[test]
    fn a_series_with_conflicts_is_left_to_a_person_where_conflicts_are() {
        let daily = "DTSTART:20260105T130000Z\r\nDTEND:20260105T140000Z\r\nRRULE:FREQ=DAILY;COUNT=9\r\n";
        assert_eq!(answer_to(daily, AutomaticAnswer::AcceptIfFree), None);
    }

    #[test]
    fn an_answer_to_one_more_instance_says_again_how_the_others_stand() {
        let instance = |day: u32, partstat: &str| {
            format!(
                "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:202601{day:02}T130000Z\r\n\
                 DTSTART:202601{day:02}T130000Z\r\nORGANIZER:mailto:alice@example.org\r\n\
                 ATTENDEE;PARTSTAT={partstat}:mailto:lake@example.org\r\nEND:VEVENT\r\n"
            )
        };
        let two = instance(7, "ACCEPTED") + &instance(8, "NEEDS-ACTION");
        let copy = Document::parse(specimens::calendar(&two)).expect("well-formed");
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        let context = Context { now: NOW, owns: &owns, canonical: &canonical, knows: &|_| true };
        let change =
            answer(&copy, AutomaticAnswer::Automatic, &time(&tuesdays), &OrganizersComments::default(), &context)
                .expect("an answer");
        assert_eq!(change.messages[0].instances, ["20260107T130000Z", "20260108T130000Z"]);
    }

    #[test]
    fn a_series_without_end_is_answered_and_names_the_end_of_the_search() {
        let weekly = "DTSTART:20260105T130000Z\r\nDTEND:20260105T140000Z\r\nRRULE:FREQ=WEEKLY\r\n";
        let change = answer_to(weekly, AutomaticAnswer::AcceptAlways).expect("an answer");
        assert!(
            change.messages[0].ics.contains("COMMENT:Checked for conflicts until 2031"),
            "{}",
            change.messages[0].ics
        );
    }

    #[test]
    fn a_conflict_years_ahead_is_found() {
        // The last of the six yearly instances is on a Tuesday.
        let yearly = "DTSTART:20260107T130000Z\r\nDTEND:20260107T140000Z\r\nRRULE:FREQ=YEARLY;COUNT=6\r\n";
        let stored = answer_to(yearly, AutomaticAnswer::Automatic).and_then(|change| change.stored).expect("an answer");
        assert!(stored.contains("RECURRENCE-ID:20310107T130000Z") && stored.contains("PARTSTAT=DECLINED"), "{stored}");
    }

    #[test]
    fn a_series_that_ends_after_the_search_names_the_end_of_the_search() {
        let rows = [
            ("RRULE:FREQ=WEEKLY;COUNT=250", false),
            ("RRULE:FREQ=WEEKLY;COUNT=300", true),
            ("RRULE:FREQ=WEEKLY;UNTIL=20301231T000000Z", false),
            ("RRULE:FREQ=WEEKLY;UNTIL=20321231T000000Z", true),
        ];
        for (rule, is_named) in rows {
            let series = format!("DTSTART:20260107T130000Z\r\nDTEND:20260107T140000Z\r\n{rule}\r\n");
            let change = answer_to(&series, AutomaticAnswer::Automatic).expect("an answer");
            assert_eq!(change.messages[0].ics.contains("COMMENT:Checked for conflicts until 2031"), is_named, "{rule}");
        }
    }

    #[test]
    fn a_series_is_looked_at_again_as_the_horizon_moves() {
        let weekly = "DTSTART:20260107T130000Z\r\nDTEND:20260107T140000Z\r\nRRULE:FREQ=WEEKLY\r\n";
        let accepted = answer_to(weekly, AutomaticAnswer::Automatic).and_then(|change| change.stored);
        let copy = Document::parse(accepted.expect("it is accepted")).expect("well-formed");
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        // 2031-06-04T13:00:00Z, a Wednesday beyond the first horizon.
        let is_taken = |time: &Window| time.start < 1_938_344_400 + 3_600 && 1_938_344_400 < time.end;
        let are_taken = |times: &[Window]| times.iter().map(is_taken).collect::<Vec<_>>();
        let look = |days: i64, mode| {
            let context = Context { now: NOW + days * 86_400, owns: &owns, canonical: &canonical, knows: &|_| true };
            look_again(&copy, mode, &time(&are_taken), &OrganizersComments::default(), &context)
        };
        assert_eq!(look(30, AutomaticAnswer::Automatic), None, "still beyond the horizon");
        assert_eq!(look(365, AutomaticAnswer::AcceptAlways), None, "it may be booked twice");
        let change = look(365, AutomaticAnswer::Automatic).expect("a conflict");
        let stored = change.stored.expect("a changed copy");
        assert!(stored.contains("RECURRENCE-ID:20310604T130000Z"), "{stored}");
        assert_eq!(stored.matches("PARTSTAT=DECLINED").count(), 1, "{stored}");
        assert_eq!(stored.matches("COMMENT:Checked for conflicts until 2032").count(), 1, "{stored}");
        assert!(!stored.contains("until 2031"), "{stored}");
        assert_eq!(change.messages.len(), 1, "the organizer is told");
    }

    #[test]
    fn a_date_is_a_day_where_the_room_is() {
        // Tuesday in Auckland begins on Monday, 11:00 UTC.
        let auckland = ical::zone::Zones::default().get("Pacific/Auckland");
        let lines = "DTSTART;VALUE=DATE:20260113\nORGANIZER:mailto:alice@example.org\nATTENDEE:mailto:lake@example.org";
        let copy = Document::parse(specimens::event("1", lines)).expect("well-formed");
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        let context = Context { now: NOW, owns: &owns, canonical: &canonical, knows: &|_| true };
        for (zone, partstat) in [(Zone::Utc, "PARTSTAT=DECLINED"), (auckland, "PARTSTAT=ACCEPTED")] {
            let change = answer(
                &copy,
                AutomaticAnswer::Automatic,
                &OwnersTime { zone: &zone, ..time(&tuesdays) },
                &OrganizersComments::default(),
                &context,
            )
            .expect("an answer");
            assert!(change.stored.as_ref().is_some_and(|stored| stored.contains(partstat)), "{change:?}");
        }
    }

    #[test]
    fn an_answer_the_owner_gave_stays() {
        let answered = "DTSTART:20260107T120000Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:lake@example.org\r\n";
        let document = specimens::event("1", &format!("{answered}ORGANIZER:mailto:alice@example.org\n"));
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        let context = Context { now: NOW, owns: &owns, canonical: &canonical, knows: &|_| true };
        let document = Document::parse(document).expect("well-formed");
        assert_eq!(
            answer(
                &document,
                AutomaticAnswer::DeclineAlways,
                &time(&tuesdays),
                &OrganizersComments::default(),
                &context
            ),
            None
        );
    }
}
