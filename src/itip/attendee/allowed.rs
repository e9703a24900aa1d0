//! Checks the changes that an attendee makes to their copy (RFC 6638 §3.2.2.1).
//!
//! **Invariant:** a client may omit a property of the organizer other than the start and end, and
//! the server restores it. A change of the start, the end, a rule, ORGANIZER, or a line that
//! [`belongs_to_organizer`] is refused, unless the server restores the line ([`is_put_back`]). A
//! different spelling is no change.

use super::refusal;
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting};
use crate::nested::shared;
use crate::organizers_part::{belongs_to_organizer, is_put_back, meaning, meanings};
use crate::{Context, Refusal};

pub(super) fn check(was: &Meeting<'_>, is: &Meeting<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    if is.organizer.is_some() && was.organizer != is.organizer {
        return Err(refusal("ORGANIZER", None, "an attendee cannot change the organizer"));
    }
    for (component_key, part) in is.parts() {
        let id = part.recurrence_id().map(|id| id.value().to_owned());
        let after = Body::of(part.component);
        let Some(before) = was.body_at(component_key).or_else(|| returning(component_key, was, is)) else {
            return Err(refusal("RECURRENCE-ID", id, "an attendee cannot add instances that they are not invited to"));
        };
        let extends = part.component.is_this_and_future()
            && !was.part(component_key).is_some_and(|known| known.component.is_this_and_future());
        if extends {
            let why =
                "this and all future instances cannot be answered together; answer the series, or single instances";
            return Err(refusal("RECURRENCE-ID", id, why));
        }
        if component_key == ComponentKey::Master && excludes_itself(was, is) {
            let why = "a meeting that does not recur has no instance to exclude; decline the meeting, or delete it";
            return Err(refusal("EXDATE", None, why));
        }
        let judge = ComponentCheck { was, is, before: &before, after: &after, instance: id, context };
        judge.times()?;
        judge.people()?;
        judge.others()?;
    }
    Ok(())
}

/// Returns the instance as the series in `is` describes it, if the former copy excluded the
/// instance and the client now stores an override for it; `None` for any other component, and if
/// the series in `is` lacks the instance or still excludes it.
fn returning<'a>(component_key: ComponentKey, was: &Meeting<'a>, is: &Meeting<'a>) -> Option<Body<'a>> {
    match component_key {
        ComponentKey::Instance(key) if was.exdates.contains_key(&key) => is.derive(key),
        ComponentKey::Master | ComponentKey::Instance(_) => None,
    }
}

/// Returns whether the attendee added an EXDATE to a meeting that does not recur.
fn excludes_itself(was: &Meeting<'_>, is: &Meeting<'_>) -> bool {
    let recurs = is.master.as_ref().is_none_or(|master| master.component.recurs());
    !recurs && is.exdates.keys().any(|key| !was.exdates.contains_key(key))
}

/// A component before and after an attendee's change, with the checks of the change.
struct ComponentCheck<'j, 'a> {
    was: &'j Meeting<'a>,
    is: &'j Meeting<'a>,
    before: &'j Body<'a>,
    after: &'j Body<'a>,
    instance: Option<String>,
    context: &'j Context<'j>,
}

impl ComponentCheck<'_, '_> {
    fn refuse(&self, property: &str, why: &str) -> Refusal {
        refusal(property, self.instance.clone(), why)
    }

    fn times(&self) -> Result<(), Refusal> {
        match diff::time_changed(self.before, self.after, &self.was.times, &self.is.times) {
            Some(property) => Err(self.refuse(property, "only the organizer can change when the meeting takes place")),
            None => Ok(()),
        }
    }

    fn people(&self) -> Result<(), Refusal> {
        let delegate = |address: &ical::Address| {
            let mut mine = self.after.lines.iter().filter(|line| line.is("ATTENDEE") && self.is_owners(line));
            mine.any(|line| {
                line.addresses("DELEGATED-TO").iter().any(|to| self.canonical(to) == self.canonical(address))
            })
        };
        let known = |address: &ical::Address| {
            let mut known = self.before.lines.iter().filter(|line| line.is("ATTENDEE")).filter_map(Line::address);
            known.any(|known| self.canonical(&known) == self.canonical(address))
        };
        let mut mine = self.after.lines.iter().filter(|line| line.is("ATTENDEE") && self.is_owners(line));
        if mine.any(|line| line.addresses("DELEGATED-TO").iter().any(|to| (self.context.owns)(to))) {
            return Err(self.refuse("ATTENDEE", "an attendee cannot delegate to themselves"));
        }
        for address in self.after.lines.iter().filter(|line| line.is("ATTENDEE")).filter_map(Line::address) {
            if !known(&address) && !delegate(&address) {
                return Err(self.refuse("ATTENDEE", "only the organizer can invite others"));
            }
        }
        Ok(())
    }

    fn is_owners(&self, line: &Line<'_>) -> bool {
        line.address().is_some_and(|address| (self.context.owns)(&address))
    }

    fn canonical(&self, address: &ical::Address) -> ical::Address {
        (self.context.canonical)(address)
    }

    fn others(&self) -> Result<(), Refusal> {
        let known = meanings(&self.before.lines, &self.before.name);
        for line in self.after.lines.iter().filter(|line| belongs_to_organizer(line, &self.after.name)) {
            let is_known = known.contains(&meaning(line)) || says_nothing(line, self.before);
            if !is_known && !is_put_back(line, self.before) {
                let name = line.name().to_ascii_uppercase();
                return Err(self.refuse(&name, &format!("only the organizer can change {name}")));
            }
        }
        if self.after.is_cancelled() && !self.before.is_cancelled() {
            return Err(
                self.refuse("STATUS", "only the organizer can cancel the meeting; decline it, or delete your copy")
            );
        }
        // Dropped nested components of the organizer are restored later, so only new or changed
        // ones are refused.
        let known = shared(&self.before.nested);
        if shared(&self.after.nested).iter().any(|inner| !known.contains(inner)) {
            return Err(self.refuse("VLOCATION", "only the organizer can change locations, participants and resources"));
        }
        Ok(())
    }
}

/// Returns whether the client added a line that is empty or states a default. Some clients always
/// write such lines.
fn says_nothing(line: &Line<'_>, before: &Body<'_>) -> bool {
    before.line(line.name()).is_none() && line.says_nothing()
}
