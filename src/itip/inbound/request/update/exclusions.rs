//! EXDATE of a copy: the organizer's exclusions and the attendee's.
//!
//! **Invariant:** an instance that the attendee removed comes back only if the organizer asks for
//! it again.

use super::super::is_declined;
use super::Update;
use crate::inbound::sync::Extent;
use crate::line::Line;
use crate::meeting::{ComponentKey, Part};
use crate::times::InstanceKey;

impl<'a> Update<'_, 'a> {
    /// Updates EXDATE of the copy: adds the organizer's exclusions, and removes those of instances
    /// that take place for the owner again.
    pub(super) fn exdates(&mut self) {
        let Some(master) = &self.copy.master else { return };
        // Some clients exclude an instance and also send an override for it. The override counts.
        let described = |key: &InstanceKey| {
            let part = self.message.overrides.get(key);
            part.map(|part| !part.cancelled && !is_declined(part, self.context))
        };
        let is_new = |key: &&InstanceKey| !self.copy.exdates.contains_key(key) && described(key) != Some(true);
        for key in self.message.exdates.keys().filter(is_new) {
            if self.copy.overrides.get(key).is_some_and(|part| part.cancelled) {
                continue; // it stays visible as cancelled
            }
            if let Some(line) = self.message.exdate(*key) {
                self.edit.append_property(master.component.id(), line.as_str());
                self.extent = Extent::More;
            }
        }
        // The series asks the owner again in a new revision, or when it takes place again after a
        // cancellation, unless the message states that the owner declined it.
        let begins_anew =
            |said: &Part<'_>| said.sequence() > master.sequence() || (master.cancelled && !said.cancelled);
        let asks = |said: &Part<'_>| begins_anew(said) && !is_declined(said, self.context);
        let revised = self.message.master.as_ref().is_some_and(asks);
        let back = |key: &&InstanceKey| described(key).unwrap_or(revised && !self.message.exdates.contains_key(key));
        let back: Vec<InstanceKey> = self.copy.exdates.keys().filter(back).copied().collect();
        if !back.is_empty() {
            self.extent = Extent::More;
            self.rewrite_exdates(&back);
        }
    }

    fn rewrite_exdates(&mut self, back: &[InstanceKey]) {
        let Some(master) = &self.copy.master else { return };
        for property in master.component.properties_named("EXDATE") {
            self.edit.remove(property.id());
        }
        for key in self.copy.exdates.keys().filter(|key| !back.contains(key)) {
            if let Some(line) = self.copy.exdate(*key) {
                self.edit.append_property(master.component.id(), line.as_str());
            }
        }
    }

    /// Returns an EXDATE line for each instance whose override in the message [stays
    /// out](Self::stays_out) of the copy.
    pub(super) fn left_out(&self) -> Vec<Line<'a>> {
        let stays_out = |(key, part): &(&InstanceKey, &Part<'_>)| self.stays_out(ComponentKey::Instance(**key), part);
        let left_out = self.message.overrides.iter().filter(stays_out);
        left_out.filter_map(|(key, _)| self.message.exclusion(*key)).collect()
    }
}
