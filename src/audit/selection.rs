//! The part of a timeline that was asked for.

use chrono::NaiveDate;
use schemas::{PrincipalId, Timestamp};

use crate::{Act, Timeline};

/// Which acts are reported.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Acts that concern one of these; empty: everybody.
    pub people: Vec<PrincipalId>,
    /// Acts by one of these, or in their name; empty: everybody.
    pub by: Vec<PrincipalId>,
    /// Acts that changed one of these properties or components, by their iCalendar names; empty:
    /// all.
    pub changed: Vec<String>,
    /// Acts about the instance of this day, or about the whole.
    pub instance: Option<NaiveDate>,
    /// Acts since this moment.
    pub since: Option<Timestamp>,
    /// Acts before this moment.
    pub until: Option<Timestamp>,
}

impl Selection {
    /// Returns true if every act is reported.
    pub fn is_everything(&self) -> bool {
        let Self { people, by, changed, instance, since, until } = self;
        let is_anybody = people.is_empty() && by.is_empty() && changed.is_empty();
        is_anybody && instance.is_none() && since.is_none() && until.is_none()
    }

    fn takes(&self, act: &Act) -> bool {
        let by_person = self.people.is_empty() || act.people.iter().any(|person| self.people.contains(person));
        let by_instance = self.instance.is_none_or(|day| is_about(act, day));
        let by_time = self.since.is_none_or(|since| act.at >= since) && self.until.is_none_or(|until| act.at < until);
        let by_actor = self.by.is_empty() || act.by.iter().any(|person| self.by.contains(person));
        let is_wanted =
            |change: &crate::Change| self.changed.iter().any(|name| name.eq_ignore_ascii_case(&change.property));
        let by_change = self.changed.is_empty() || act.changes.iter().any(is_wanted);
        by_person && by_actor && by_change && by_instance && by_time
    }
}

/// True if the act is about the instance of a day, or about the series as a whole.
fn is_about(act: &Act, day: NaiveDate) -> bool {
    let date = day.format("%Y%m%d").to_string();
    let names_day = |instance: &String| instance.is_empty() || instance.starts_with(&date);
    act.instances.is_empty() || act.instances.iter().any(names_day)
}

impl Timeline {
    /// Keeps the acts that were asked for, with their events.
    #[must_use]
    pub fn select(mut self, selection: &Selection) -> Self {
        if selection.is_everything() {
            return self;
        }
        let (kept, left_out): (Vec<Act>, Vec<Act>) = self.acts.into_iter().partition(|act| selection.takes(act));
        self.acts = kept;
        self.left_out.acts = left_out.len();
        if !selection.changed.is_empty() {
            let changes = left_out.into_iter().flat_map(|act| act.changes);
            self.left_out.changed = changes.map(|change| change.property).collect();
        }
        let kept: std::collections::BTreeSet<_> = self.acts.iter().flat_map(|act| act.events.iter().copied()).collect();
        self.entries.retain(|entry| kept.contains(&entry.position));
        self
    }
}
