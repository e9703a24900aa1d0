//! Answers invitations in the owner's name: rooms and resources.
//!
//! **Invariant:** an automatic answer equals one the owner could have stored. An answer the owner gave stays.

use crate::body::Body;
use crate::meeting::{Attendee, ComponentKey, Meeting, Part};
use crate::participation::{DECLINED, NEEDS_ACTION, partstat};
use crate::times::{InstanceKey, utc};
use crate::{Change, Context, attendee};
use ical::recur::{Budget, Instance, instances};
use ical::rule::End;
use ical::series::Series;
use ical::time::Window;
use ical::zone::{Zone, Zones};
use ical::{Document, Edit};
use schemas::principal::AutomaticAnswer;

/// Seconds searched for conflicts, from now or from the last start in the meeting: five years. A series that goes on after
/// that is accepted with a comment that names the end of the search.
const HORIZON: i64 = 5 * 366 * 86_400;
/// Instances checked for conflicts. A series with more within the horizon is left to a person.
const MAX_INSTANCES: usize = 2_000;
const ACCEPTED: &str = "ACCEPTED";

/// The answer where the owner is free; `None`: a person answers.
fn answer_if_free(mode: AutomaticAnswer) -> Option<&'static str> {
    match mode {
        AutomaticAnswer::Automatic | AutomaticAnswer::AcceptAlways | AutomaticAnswer::AcceptIfFree => Some(ACCEPTED),
        AutomaticAnswer::DeclineAlways => Some(DECLINED),
        AutomaticAnswer::None | AutomaticAnswer::DeclineIfBusy => None,
    }
}

/// The answer where the owner is busy; `None`: a person answers.
fn answer_if_busy(mode: AutomaticAnswer) -> Option<&'static str> {
    match mode {
        AutomaticAnswer::Automatic | AutomaticAnswer::DeclineAlways | AutomaticAnswer::DeclineIfBusy => Some(DECLINED),
        AutomaticAnswer::AcceptAlways => Some(ACCEPTED),
        AutomaticAnswer::None | AutomaticAnswer::AcceptIfFree => None,
    }
}

/// Returns whether the owner is busy with another object between two instants (seconds since the epoch).
pub type IsBusy<'a> = &'a dyn Fn(i64, i64) -> bool;

/// Answers the unanswered components of the attendee's copy; `None` if there are none, or if a person decides.
///
/// `zone`: where the owner is, for dates and floating times.
pub fn answer(
    copy: &Document,
    mode: AutomaticAnswer,
    is_busy: IsBusy<'_>,
    zone: &Zone,
    context: &Context<'_>,
) -> Option<Change> {
    let meeting = Meeting::of(copy, context);
    let zones = Zones::of(copy);
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
    for (component_key, part) in meeting.parts().filter(|(_, part)| !part.cancelled) {
        let Some(me) = waiting(part, context) else { continue };
        let own: Vec<_> = ahead.iter().filter(|instance| instance.component.id() == part.component.id()).collect();
        let (busy, free): (Vec<_>, Vec<_>) = own.into_iter().partition(|at| is_busy(at.start, at.end));
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
            if verdict == ACCEPTED && is_endless(part) {
                let checked = utc(horizon);
                edit.append_property(part.component.id(), &format!("COMMENT:Checked for conflicts until {checked}"));
            }
        }
    }
    let answered = (!edit.is_empty()).then(|| edit.finish())?;
    store(copy, answered, context)
}

/// Returns whether a component recurs for ever.
fn is_endless(part: &Part<'_>) -> bool {
    part.component.rules().any(|rule| rule.end == End::Never)
}

/// Returns the owner's line if it is unanswered.
fn waiting<'p, 'a>(part: &'p Part<'a>, context: &Context<'_>) -> Option<&'p Attendee<'a>> {
    part.attendees.iter().find(|attendee| attendee.is_owned(context) && partstat(attendee.property) == NEEDS_ACTION)
}

/// Creates overrides for the instances in which the owner is busy.
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

/// Stores the answer as if the owner had sent it. The reply states every component, as an organizer expects of a room.
fn store(copy: &Document, answered: String, context: &Context<'_>) -> Option<Change> {
    let document = Document::parse(answered).ok()?;
    let change = attendee::restate(copy, &document, context).ok()?;
    let stored = change.stored.unwrap_or_else(|| document.into_string());
    Some(Change { stored: Some(stored), ..change })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ical::Address;

    /// 2026-01-05T12:00:00Z, a Monday.
    const NOW: i64 = 1_767_614_400;

    /// Busy on Tuesdays.
    fn tuesdays(start: i64, _: i64) -> bool {
        start.div_euclid(86_400).rem_euclid(7) == 5
    }

    fn answer_to(lines: &str, mode: AutomaticAnswer) -> Option<Change> {
        let text = specimens::event(
            "1",
            &format!("{lines}ORGANIZER:mailto:alice@example.org\nATTENDEE:mailto:lake@example.org\n"),
        );
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        let context = Context { now: NOW, owns: &owns, canonical: &canonical };
        answer(&Document::parse(text).expect("well-formed"), mode, &tuesdays, &Zone::Utc, &context)
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
        let context = Context { now: NOW, owns: &owns, canonical: &canonical };
        let change = answer(&copy, AutomaticAnswer::Automatic, &tuesdays, &Zone::Utc, &context).expect("an answer");
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
        // Of the six days, the last is a Tuesday.
        let yearly = "DTSTART:20260107T130000Z\r\nDTEND:20260107T140000Z\r\nRRULE:FREQ=YEARLY;COUNT=6\r\n";
        let stored = answer_to(yearly, AutomaticAnswer::Automatic).and_then(|change| change.stored).expect("an answer");
        assert!(stored.contains("RECURRENCE-ID:20310107T130000Z") && stored.contains("PARTSTAT=DECLINED"), "{stored}");
    }

    #[test]
    fn a_date_is_a_day_where_the_room_is() {
        // Tuesday in Auckland begins on Monday, 11:00 UTC.
        let auckland = ical::zone::Zones::default().get("Pacific/Auckland");
        let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                    DTSTART;VALUE=DATE:20260113\r\nORGANIZER:mailto:alice@example.org\r\n\
                    ATTENDEE:mailto:lake@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let copy = Document::parse(text.to_owned()).expect("well-formed");
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        let context = Context { now: NOW, owns: &owns, canonical: &canonical };
        for (zone, partstat) in [(Zone::Utc, "PARTSTAT=DECLINED"), (auckland, "PARTSTAT=ACCEPTED")] {
            let change = answer(&copy, AutomaticAnswer::Automatic, &tuesdays, &zone, &context).expect("an answer");
            assert!(change.stored.as_ref().is_some_and(|stored| stored.contains(partstat)), "{change:?}");
        }
    }

    #[test]
    fn an_answer_the_owner_gave_stays() {
        let answered = "DTSTART:20260107T120000Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:lake@example.org\r\n";
        let document = specimens::event("1", &format!("{answered}ORGANIZER:mailto:alice@example.org\n"));
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let canonical = Address::clone;
        let context = Context { now: NOW, owns: &owns, canonical: &canonical };
        let document = Document::parse(document).expect("well-formed");
        assert_eq!(answer(&document, AutomaticAnswer::DeclineAlways, &tuesdays, &Zone::Utc, &context), None);
    }
}
