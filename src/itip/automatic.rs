//! The server answers an invitation in the owner's name: rooms and resources.
//!
//! **Invariant:** an answer is what the owner could have stored himself; whoever decided for himself is left alone.

use crate::body::Body;
use crate::meeting::{Guest, Meeting, Part, Slot};
use crate::people::{DECLINED, NEEDS_ACTION, partstat};
use crate::times::Key;
use crate::{Change, Context, attendee};
use ical::recur::{Instance, instances};
use ical::series::Series;
use ical::time::Window;
use ical::zone::{Zone, Zones};
use ical::{Document, Edit};

/// How far ahead the diary is looked at, in seconds: a year and a day, from now or from where the meeting begins later.
const HORIZON: i64 = 366 * 86_400;
/// Instances looked at; a series with more of them within the horizon is left to people.
const MAX_INSTANCES: usize = 1_000;
const ACCEPTED: &str = "ACCEPTED";

/// How the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Not at all.
    Leave,
    /// Accepts if free, declines if busy.
    AcceptOrDecline,
    Accept,
    Decline,
    /// Accepts if free, leaves the rest to people.
    AcceptIfFree,
    /// Declines if busy, leaves the rest to people.
    DeclineIfBusy,
}

impl Mode {
    fn free(self) -> Option<&'static str> {
        match self {
            Self::AcceptOrDecline | Self::Accept | Self::AcceptIfFree => Some(ACCEPTED),
            Self::Decline => Some(DECLINED),
            Self::Leave | Self::DeclineIfBusy => None,
        }
    }

    fn busy(self) -> Option<&'static str> {
        match self {
            Self::AcceptOrDecline | Self::Decline | Self::DeclineIfBusy => Some(DECLINED),
            Self::Accept => Some(ACCEPTED),
            Self::Leave | Self::AcceptIfFree => None,
        }
    }
}

/// Is the owner busy with something else between these instants?
pub type IsBusy<'a> = &'a dyn Fn(i64, i64) -> bool;

/// Answers what waits for an answer in the attendee's copy; `None`: nothing does, or it is left to people.
pub fn answer(copy: &Document, mode: Mode, is_busy: IsBusy<'_>, context: &Context<'_>) -> Option<Change> {
    let meeting = Meeting::of(copy, context);
    let zones = Zones::of(copy);
    let all = Series::of(copy, &zones);
    let starts = meeting.parts().filter_map(|(_, part)| part.component.start());
    let latest = starts.map(|start| zones.instant(&start, &Zone::Utc)).max().unwrap_or(context.now);
    let window = Window::new(context.now, latest.max(context.now).saturating_add(HORIZON));
    let ahead = instances(all.first()?, &zones, &Zone::Utc, window, MAX_INSTANCES).ok()?;
    let mut edit = copy.edit();
    for (slot, part) in meeting.parts().filter(|(_, part)| !part.cancelled) {
        let Some(me) = waiting(part, context) else { continue };
        let own: Vec<_> = ahead.iter().filter(|instance| instance.component.id() == part.component.id()).collect();
        let (busy, free): (Vec<_>, Vec<_>) = own.into_iter().partition(|at| is_busy(at.start, at.end));
        let verdict = if busy.is_empty() {
            mode.free()
        } else if free.is_empty() || slot != Slot::Master {
            mode.busy()
        } else {
            except(&meeting, &busy, me, mode, &mut edit);
            // Whoever only accepts what is free leaves a series that is not wholly free to people.
            mode.free().filter(|_| mode.busy().is_some())
        };
        if let Some(verdict) = verdict {
            edit.set_param(me.property.id(), "PARTSTAT", verdict);
            edit.remove_param(me.property.id(), "RSVP");
        }
    }
    let answered = (!edit.is_empty()).then(|| edit.finish())?;
    store(copy, answered, context)
}

/// The owner's entry, if it still waits for an answer.
fn waiting<'p, 'a>(part: &'p Part<'a>, context: &Context<'_>) -> Option<&'p Guest<'a>> {
    part.guests.iter().find(|guest| guest.is_owned(context) && partstat(guest.property) == NEEDS_ACTION)
}

/// Instances of a series in which the owner is busy become components of their own.
fn except(meeting: &Meeting<'_>, busy: &[&Instance<'_>], me: &Guest<'_>, mode: Mode, edit: &mut Edit<'_>) {
    let Some(verdict) = mode.busy().filter(|verdict| Some(*verdict) != mode.free()) else { return };
    for instance in busy {
        let key: Key = meeting.times.key(&instance.key.date_time());
        let Some(mut body) = meeting.derive(key) else { continue };
        decide(&mut body, me, verdict);
        edit.append_component(meeting.document.root().id(), &body.text());
    }
}

fn decide(body: &mut Body<'_>, me: &Guest<'_>, verdict: &str) {
    let is_me = |line: &&mut crate::line::Line<'_>| line.as_str() == me.property.content_line();
    for line in body.lines.iter_mut().filter(is_me) {
        line.set_param("PARTSTAT", verdict);
        line.remove_param("RSVP");
    }
}

/// As if the owner had stored it: the reply follows. Nobody asks a room what it said before, so it says everything again.
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

    fn answer_to(lines: &str, mode: Mode) -> Option<Change> {
        let text = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{lines}\
             ORGANIZER:mailto:alice@example.org\r\nATTENDEE:mailto:lake@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let same = Address::clone;
        let context = Context { now: NOW, owns: &owns, same: &same };
        answer(&Document::parse(text).expect("well-formed"), mode, &tuesdays, &context)
    }

    #[test]
    fn each_mode_answers_what_it_may() {
        let wednesday = "DTSTART:20260107T120000Z\r\nDTEND:20260107T130000Z\r\n";
        let tuesday = "DTSTART:20260106T120000Z\r\nDTEND:20260106T130000Z\r\n";
        let rows = [
            ("free, automatic", wednesday, Mode::AcceptOrDecline, Some("PARTSTAT=ACCEPTED")),
            ("busy, automatic", tuesday, Mode::AcceptOrDecline, Some("PARTSTAT=DECLINED")),
            ("busy, accepting always", tuesday, Mode::Accept, Some("PARTSTAT=ACCEPTED")),
            ("free, declining always", wednesday, Mode::Decline, Some("PARTSTAT=DECLINED")),
            ("busy, accepting if free", tuesday, Mode::AcceptIfFree, None),
            ("free, declining if busy", wednesday, Mode::DeclineIfBusy, None),
            ("not at all", wednesday, Mode::Leave, None),
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
        let stored = answer_to(tuesday, Mode::AcceptOrDecline).and_then(|change| change.stored).expect("an answer");
        assert!(stored.contains("PARTSTAT=DECLINED"), "{stored}");
    }

    #[test]
    fn a_series_is_accepted_but_for_the_instances_that_are_taken() {
        let daily = "DTSTART:20260105T130000Z\r\nDTEND:20260105T140000Z\r\nRRULE:FREQ=DAILY;COUNT=9\r\n";
        let change = answer_to(daily, Mode::AcceptOrDecline).expect("an answer");
        let stored = change.stored.expect("a changed copy");
        assert_eq!(stored.matches("PARTSTAT=ACCEPTED").count(), 1, "{stored}");
        assert_eq!(stored.matches("PARTSTAT=DECLINED").count(), 2, "two Tuesdays: {stored}");
        for tuesday in ["RECURRENCE-ID:20260106T130000Z", "RECURRENCE-ID:20260113T130000Z"] {
            assert!(stored.contains(tuesday), "{stored}");
        }
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
        let copy = Document::parse(format!("BEGIN:VCALENDAR\r\n{two}END:VCALENDAR\r\n")).expect("well-formed");
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let same = Address::clone;
        let context = Context { now: NOW, owns: &owns, same: &same };
        let change = answer(&copy, Mode::AcceptOrDecline, &tuesdays, &context).expect("an answer");
        assert_eq!(change.messages[0].instances, ["20260107T130000Z", "20260108T130000Z"]);
    }

    #[test]
    fn a_series_without_end_is_answered() {
        let daily = "DTSTART:20260105T130000Z\r\nDTEND:20260105T140000Z\r\nRRULE:FREQ=DAILY\r\n";
        assert!(answer_to(daily, Mode::Accept).is_some());
    }

    #[test]
    fn what_was_answered_is_left_alone() {
        let answered = "DTSTART:20260107T120000Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:lake@example.org\r\n";
        let document = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n{answered}ORGANIZER:mailto:alice@example.org\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let owns = |address: &Address| address.canonical() == "mailto:lake@example.org";
        let same = Address::clone;
        let context = Context { now: NOW, owns: &owns, same: &same };
        let document = Document::parse(document).expect("well-formed");
        assert_eq!(answer(&document, Mode::Decline, &tuesdays, &context), None);
    }
}
