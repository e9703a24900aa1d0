//! Refuses the delegation to a group.

use super::Members;
use crate::line::Line;
use crate::{Condition, Context, Refusal};
use ical::{Address, Document, Property};
use std::collections::BTreeSet;

/// Returns an error if the owner newly delegates to a group. RFC 5546 §3.2.2.3 delegates to a
/// single person, so no member of the group would be asked.
pub fn check_delegation(
    before: Option<&Document>,
    after: &Document,
    members: Members<'_>,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let known: BTreeSet<_> =
        before.into_iter().flat_map(|before| delegates(before, context)).map(|(_, delegate)| delegate).collect();
    let is_new_group = |delegate: &Address| !known.contains(delegate) && members(delegate).is_some();
    match delegates(after, context).into_iter().find(|(_, delegate)| is_new_group(delegate)) {
        None => Ok(()),
        Some((instance, group)) => Err(Refusal {
            condition: Condition::AllowedAttendeeSchedulingObjectChange,
            property: "ATTENDEE".to_owned(),
            instance: instance.map(str::to_owned),
            why: format!("{group} is a group; delegate to one of its members"),
        }),
    }
}

/// Returns the users to whom the owner delegates, each with the RECURRENCE-ID of the override that
/// does so, or `None` for the master, which comes first.
fn delegates<'a>(object: &'a Document, context: &Context<'_>) -> BTreeSet<(Option<&'a str>, Address)> {
    let lines = object.root().components().flat_map(|component| component.properties_named("ATTENDEE"));
    let mine = lines.filter(|line| line.address().is_some_and(|address| (context.owns)(&address)));
    let delegates = mine.flat_map(|line| {
        let instance = line.component().property("RECURRENCE-ID").map(Property::value);
        Line::of(line).addresses("DELEGATED-TO").into_iter().map(move |delegate| (instance, delegate))
    });
    delegates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns Bert's copy of a series with an override of its second instance. Each has his line
    /// with these parameters.
    fn series(master: &str, second: &str) -> Document {
        let event = |head: &str, params: &str| {
            let head = format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{head}\r\n");
            format!("{head}ORGANIZER:mailto:anna@x\r\nATTENDEE{params}:mailto:bert@x\r\nEND:VEVENT\r\n")
        };
        let master = event("DTSTART:20260105T090000Z\r\nRRULE:FREQ=DAILY", master);
        let second = event("RECURRENCE-ID:20260106T090000Z\r\nDTSTART:20260106T120000Z", second);
        Document::parse(specimens::calendar(&(master + &second))).expect("well-formed")
    }

    #[test]
    fn the_refusal_names_the_override_that_delegates_to_a_group() {
        let owns = |address: &Address| address.canonical() == "mailto:bert@x";
        let context = Context { now: 0, owns: &owns, canonical: &Address::clone, knows: &|_| true };
        let members = |address: &Address| (address.canonical() == "mailto:team@x").then(Vec::new);
        let (team, carl) = (";DELEGATED-TO=\"mailto:team@x\"", ";DELEGATED-TO=\"mailto:carl@x\"");
        let refused = |before: &Document, after: &Document| {
            let checked = check_delegation(Some(before), after, &members, &context);
            checked.err().map(|refusal| (refusal.instance, refusal.why))
        };
        let why = "mailto:team@x is a group; delegate to one of its members".to_owned();
        let before = series("", "");
        let second = Some("20260106T090000Z".to_owned());
        assert_eq!(refused(&before, &series(carl, team)), Some((second, why.clone())));
        assert_eq!(refused(&before, &series(team, carl)), Some((None, why.clone())));
        assert_eq!(refused(&before, &series(team, team)), Some((None, why)));
        assert_eq!(refused(&before, &series(carl, carl)), None);
        assert_eq!(refused(&series("", team), &series(team, team)), None, "it was so before");
    }
}
