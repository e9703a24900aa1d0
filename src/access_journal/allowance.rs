//! Limit for the events of each type that one person, or one network address without a known
//! person, may cause in an hour. Further events are only counted.

use std::collections::BTreeMap;

use schemas::{Metadata, Timestamp, access_journal::RecordsOmitted};

/// Maximum number of events of one type that one person or address may cause in an hour.
pub const MAX_EVENTS_PER_HOUR: u64 = 200;
/// Maximum number of separate counts, each for one person or address and one type of event. All
/// others share one count for each type.
pub const MAX_COUNTED: usize = 10_000;
const HOUR_SECONDS: i64 = 3_600;

/// Counts of events in the current hour, by person or address and by type.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    hour: i64,
    counts: BTreeMap<(Who, &'static str), Count>,
}

/// The person or address that caused an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Who(String);

#[derive(Debug)]
struct Count {
    recorded: u64,
    omitted: u64,
    /// Metadata of the first event of this count in the hour.
    metadata: Metadata,
}

impl Who {
    fn of(metadata: &Metadata) -> Self {
        Self(metadata.actor.map_or_else(|| metadata.client.address.clone(), |actor| actor.to_string()))
    }
}

impl Allowance {
    /// Returns true if an event may be recorded. Otherwise counts it as omitted. `of`: the type of
    /// the event.
    pub(crate) fn admits(&mut self, metadata: &Metadata, of: &'static str) -> bool {
        let mut key = (Who::of(metadata), of);
        if self.counts.len() >= MAX_COUNTED && !self.counts.contains_key(&key) {
            key.0 = Who(String::new());
        }
        let count =
            self.counts.entry(key).or_insert_with(|| Count { recorded: 0, omitted: 0, metadata: metadata.clone() });
        let is_admitted = count.recorded < MAX_EVENTS_PER_HOUR;
        if is_admitted {
            count.recorded += 1;
        } else {
            count.omitted += 1;
        }
        is_admitted
    }

    /// Starts new counts if `now` is in another hour than the present counts, and returns the
    /// numbers of events that were omitted since the last report, by person or address and by type.
    /// Returns an empty list if the hour is still the same.
    pub(crate) fn turn(&mut self, now: Timestamp) -> Vec<(Metadata, RecordsOmitted)> {
        let hour = now.seconds().div_euclid(HOUR_SECONDS);
        if hour == self.hour {
            return vec![];
        }
        self.hour = hour;
        let omitted = self.omitted();
        self.counts.clear();
        omitted
    }

    /// Returns the numbers of events omitted since the last report, by person or address and by
    /// type.
    pub(crate) fn omitted(&mut self) -> Vec<(Metadata, RecordsOmitted)> {
        let told = |((_, of), count): (&(Who, &'static str), &mut Count)| {
            let number = std::mem::take(&mut count.omitted);
            let omitted = RecordsOmitted { of: (*of).to_owned(), count: number, why: "limit".to_owned() };
            (number > 0).then(|| (count.metadata.clone(), omitted))
        };
        self.counts.iter_mut().filter_map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use schemas::{Client, PrincipalId};
    use uuid::Uuid;

    use super::*;

    fn from(person: Option<u128>, address: &str) -> Metadata {
        let client = Client { address: address.to_owned(), ..Client::default() };
        Metadata { actor: person.map(|id| PrincipalId(Uuid::from_u128(id))), client, ..Metadata::default() }
    }

    #[test]
    fn what_is_more_than_the_limit_is_counted_for_each_person_and_type() {
        let mut allowance = Allowance::default();
        allowance.turn(Timestamp::from_seconds(0));
        let anna = from(Some(1), "192.0.2.1");
        let admitted = (0..10_000).filter(|_| allowance.admits(&anna, "request-refused")).count();
        assert_eq!(admitted as u64, MAX_EVENTS_PER_HOUR);
        assert!(allowance.admits(&anna, "logged-in"), "another type");
        assert!(allowance.admits(&from(Some(2), "192.0.2.1"), "request-refused"), "another person there");
        assert!(allowance.admits(&from(None, "192.0.2.1"), "request-refused"), "nobody in particular");
        assert!(allowance.turn(Timestamp::from_seconds(3_599)).is_empty(), "the same hour");
        let omitted = RecordsOmitted { of: "request-refused".to_owned(), count: 9_800, why: "limit".to_owned() };
        assert_eq!(allowance.turn(Timestamp::from_seconds(3_600)), [(anna.clone(), omitted)]);
        assert!(allowance.admits(&anna, "request-refused"), "a new hour");
        assert!(allowance.omitted().is_empty());
    }

    #[test]
    fn many_addresses_take_a_bounded_memory() {
        let mut allowance = Allowance::default();
        for number in 0..2 * MAX_COUNTED {
            allowance.admits(&from(None, &number.to_string()), "login-refused");
        }
        assert!(allowance.counts.len() <= MAX_COUNTED + 1);
    }
}
