//! Selects the acts of a timeline that the user asked for.

use chrono::NaiveDate;
use schemas::{PrincipalId, Timestamp};

use crate::{Act, Timeline};

/// The conditions for the acts that are reported.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only acts that concern one of these people; empty for no condition.
    pub people: Vec<PrincipalId>,
    /// Only acts by one of these people, or in their name; empty for no condition.
    pub by: Vec<PrincipalId>,
    /// Only acts that changed one of these properties or components, by iCalendar name; empty for
    /// no condition.
    pub changed: Vec<String>,
    /// Only acts about the instance whose RECURRENCE-ID has this date, about the whole series, or
    /// about no instance.
    pub instance: Option<NaiveDate>,
    /// Only acts at or after this time.
    pub since: Option<Timestamp>,
    /// Only acts before this time.
    pub until: Option<Timestamp>,
}

impl Selection {
    /// Returns true if there is no condition, so that every act is reported.
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

/// Returns true if the act changed the instance whose RECURRENCE-ID has this date, or the series,
/// or no instance.
fn is_about(act: &Act, day: NaiveDate) -> bool {
    let date = day.format("%Y%m%d").to_string();
    let names_day = |instance: &String| instance.is_empty() || instance.starts_with(&date);
    act.instances.is_empty() || act.instances.iter().any(names_day)
}

impl Timeline {
    /// Keeps only the selected acts and their events, and counts the other acts.
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
