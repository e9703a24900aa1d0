//! A company that moves to Daybook from two other servers: its people, their meetings, and the
//! copies that the old servers export.

use crate::simulation::dice::Dice;

/// The possible values of an attendee's PARTSTAT.
const ANSWERS: [&str; 4] = ["ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION"];

/// A meeting. People are numbers.
#[derive(Debug)]
pub struct Meeting {
    pub uid: String,
    pub organizer: usize,
    /// The attendees, each with their PARTSTAT.
    pub attendees: Vec<(usize, &'static str)>,
    /// The attendee who declined one instance. The meeting is a series if this is set.
    pub declined_once: Option<usize>,
}

/// One person's copy of a meeting, as iCalendar text.
#[derive(Debug)]
pub struct Exported {
    pub owner: usize,
    pub meeting: usize,
    pub text: String,
}

pub fn name(person: usize) -> String {
    format!("p{person:03}")
}

/// True if the person uses the second of the two old servers, which write the same values in
/// different ways.
fn is_on_second(person: usize) -> bool {
    person % 3 == 2
}

/// Returns at most `count` random meetings among `people` people.
pub fn meetings(dice: &mut Dice, people: usize, count: usize) -> Vec<Meeting> {
    let person = |dice: &mut Dice| usize::try_from(dice.roll(people as u64)).unwrap();
    let make = |number: usize| {
        let organizer = person(dice);
        let mut attendees: Vec<(usize, &'static str)> = vec![];
        for _ in 0..=dice.roll(9) {
            let one = person(dice);
            if one != organizer && attendees.iter().all(|(other, _)| *other != one) {
                attendees.push((one, dice.pick(&ANSWERS)));
            }
        }
        let accepted = attendees.iter().find(|(_, answer)| *answer == "ACCEPTED").map(|(one, _)| *one);
        let declined_once = accepted.filter(|_| dice.chance(30));
        Meeting { uid: format!("meeting-{number}@old.example"), organizer, attendees, declined_once }
    };
    (0..count).map(make).filter(|meeting: &Meeting| !meeting.attendees.is_empty()).collect()
}

/// Returns everybody's copy of every meeting, as the old servers export it. An attendee's answer is
/// in the attendee's copy, in the organizer's copy, or in both, because some mail between the two
/// servers was lost.
pub fn exported(dice: &mut Dice, meetings: &[Meeting]) -> Vec<Exported> {
    let mut all = vec![];
    for (number, meeting) in meetings.iter().enumerate() {
        let is_foreign = |one: usize| is_on_second(one) != is_on_second(meeting.organizer);
        let mut known = vec![];
        let mut own = vec![];
        for (one, answer) in &meeting.attendees {
            let (is_lost, is_by_mail) = (is_foreign(*one) && dice.chance(40), dice.chance(10));
            let is_everywhere = meeting.declined_once == Some(*one);
            let (is_lost, is_by_mail) = (is_lost && !is_everywhere, is_by_mail && !is_everywhere);
            known.push((*one, if is_lost { "NEEDS-ACTION" } else { answer }));
            own.push((*one, if is_by_mail && !is_lost { "NEEDS-ACTION" } else { answer }));
        }
        all.push(Exported {
            owner: meeting.organizer,
            meeting: number,
            text: text(dice, meeting, meeting.organizer, &known, 1),
        });
        for (one, answer) in &own {
            // The organizer's server does not send the answers of attendees to the other server.
            let mut seen: Vec<_> = known.clone();
            if is_foreign(*one) {
                for (_, answer) in &mut seen {
                    *answer = "NEEDS-ACTION";
                }
            }
            seen.iter_mut().filter(|(other, _)| other == one).for_each(|(_, known)| *known = answer);
            let sequence = if is_foreign(*one) && dice.chance(20) { 3 } else { 1 };
            all.push(Exported { owner: *one, meeting: number, text: text(dice, meeting, *one, &seen, sequence) });
        }
    }
    all
}

/// Returns a person's copy, as that person's old server writes it.
fn text(dice: &mut Dice, meeting: &Meeting, owner: usize, answers: &[(usize, &str)], sequence: u32) -> String {
    let (scheme, program) = if is_on_second(owner) {
        ("MAILTO", "-//Other Groupware//CalDAV 9//EN")
    } else {
        ("mailto", "-//Sabre//Sabre VObject 4.5.5//EN")
    };
    let address = |one: usize| format!("{scheme}:{}@example.org", name(one));
    let mut lines: Vec<String> = answers
        .iter()
        .map(|(one, answer)| {
            let extra = if is_on_second(owner) { ";X-NUM-GUESTS=0" } else { ";RSVP=TRUE" };
            format!("ATTENDEE;CN={0};PARTSTAT={answer}{extra}:{1}", name(*one), address(*one))
        })
        .collect();
    if dice.chance(50) {
        lines.reverse();
    }
    lines.push(format!("ATTENDEE;CN={};PARTSTAT=ACCEPTED:{}", name(meeting.organizer), address(meeting.organizer)));
    lines.push(format!("ORGANIZER;CN={}:{}", name(meeting.organizer), address(meeting.organizer)));
    let title = if owner != meeting.organizer && dice.chance(10) { "An older title" } else { "Planning" };
    let common = format!("SUMMARY:{title}\nSEQUENCE:{sequence}\n{}\n", lines.join("\n"));
    let alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT10M\nEND:VALARM\n";
    let stamp = format!("UID:{}\nDTSTAMP:2025{:02}01T000000Z\n", meeting.uid, 1 + dice.roll(12));
    let rule = if meeting.declined_once.is_some() { "RRULE:FREQ=WEEKLY;COUNT=6\n" } else { "" };
    let mut components = format!(
        "BEGIN:VEVENT\n{stamp}DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\n{rule}{common}{alarm}END:VEVENT\n"
    );
    if meeting.declined_once == Some(owner) {
        let own = address(owner);
        let declined = common.lines().map(|line| {
            let is_own = line.starts_with("ATTENDEE") && line.ends_with(&own);
            if is_own { line.replace("PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED") } else { line.to_owned() }
        });
        let declined: String = declined.map(|line| line + "\n").collect();
        let instance = format!(
            "BEGIN:VEVENT\n{stamp}RECURRENCE-ID:20260114T120000Z\nDTSTART:20260114T120000Z\nDTEND:20260114T130000Z\n\
             {declined}END:VEVENT\n"
        );
        components.push_str(&instance);
    }
    let whole = format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:{program}\n{components}END:VCALENDAR\n");
    if is_on_second(owner) { whole } else { whole.replace('\n', "\r\n") }
}
