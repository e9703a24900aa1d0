//! Finds meetings by words, names, days and programs, and by identifiers from the logs of clients.

mod href;
mod query;
mod subject;

use std::collections::BTreeSet;

use ical::{
    Document,
    recur::{self, Budget},
    series::Series,
    time::Window,
    zone::{Zone, Zones},
};
use journal::Journal;
use projections::{
    ReadModels,
    search::{Clue, Effort, Finding, Found},
};
use schemas::{Event, ObjectEvent, Position, Recorded, ShareEvent};

pub use href::{NotFound, Shared, Target, resolve, resolve_at};
pub use query::{NotAQuery, QUALIFIERS, Search};
pub use subject::{Ambiguous, Subject, subject};

use crate::{Unreadable, read};

/// Maximum number of meetings that are read and expanded to check whether they take place on a
/// given day. [`Effort::WHOLE`] lifts this limit.
const MAX_CANDIDATES: usize = 500;

/// The meetings that were found, ordered by their latest act, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finds {
    /// The meetings, at most as many as requested.
    pub meetings: Vec<Found>,
    /// True if more meetings fit than were requested.
    pub is_cut: bool,
    /// True if the search reached one of its limits. Meetings that match may then be missing.
    pub is_partial: bool,
}

/// Returns at most `limit` meetings that match the search.
pub async fn find(
    journal: &dyn Journal,
    models: &ReadModels,
    search: &Search,
    limit: usize,
) -> Result<Finds, Unreadable> {
    let mut query = search.query.clone();
    query.uids = clues(journal, models, search).await?;
    query.limit = match query.during {
        None => limit.saturating_add(1),
        Some(_) if query.effort == Effort::WHOLE => usize::MAX,
        Some(_) => MAX_CANDIDATES + 1,
    };
    let found = models.find(&query)?;
    // Of the meetings that may take place on the given day, at most `MAX_CANDIDATES` are checked.
    let is_limited = query.during.is_some() && query.effort != Effort::WHOLE;
    let Finding { meetings: candidates, is_partial } = if is_limited { candidates(found) } else { found };
    let mut meetings = vec![];
    for found in candidates {
        if takes_place(journal, models, search, &found).await? {
            meetings.push(found);
        }
        if meetings.len() > limit {
            break;
        }
    }
    let is_cut = meetings.len() > limit;
    meetings.truncate(limit);
    Ok(Finds { meetings, is_cut, is_partial })
}

/// Returns the first [`MAX_CANDIDATES`] meetings; the finding is partial if there are more.
fn candidates(mut found: Finding) -> Finding {
    found.is_partial |= found.meetings.len() > MAX_CANDIDATES;
    found.meetings.truncate(MAX_CANDIDATES);
    found
}

/// Returns the UIDs that match all clues and had a copy at each of the places at some time; `None`
/// if the search has neither clues nor places.
async fn clues(
    journal: &dyn Journal,
    models: &ReadModels,
    search: &Search,
) -> Result<Option<BTreeSet<String>>, Unreadable> {
    let mut common: Option<BTreeSet<String>> = None;
    let mut join = |uids: BTreeSet<String>| {
        common = Some(match common.take() {
            Some(before) => before.intersection(&uids).cloned().collect(),
            None => uids,
        });
    };
    for clue in &search.clues {
        join(follow(journal, models, clue).await?);
    }
    for place in &search.places {
        let objects = models.objects_ever_at(place)?.into_iter().map(|object| models.uid_of(object));
        join(objects.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
    }
    Ok(common)
}

/// Returns the UIDs that match a clue. The positions that the index returns are checked against the
/// events.
async fn follow(journal: &dyn Journal, models: &ReadModels, clue: &Clue) -> Result<BTreeSet<String>, Unreadable> {
    let mut uids = BTreeSet::new();
    for position in models.follow(clue)? {
        let Some(recorded) = at(journal, position).await? else { continue };
        if !fits(clue, &recorded) {
            continue;
        }
        if let schemas::Stream::Object(object) = recorded.stream {
            uids.extend(models.uid_of(object)?);
        }
        if let Event::Share(ShareEvent::PersonalDataChanged(changed)) = recorded.event {
            uids.insert(changed.uid);
        }
    }
    Ok(uids)
}

/// Reads one event; `None` if it does not exist or cannot be read.
async fn at(journal: &dyn Journal, position: Position) -> Result<Option<Recorded>, Unreadable> {
    Ok(read::one(journal, position).await?.and_then(Result::ok))
}

fn fits(clue: &Clue, recorded: &Recorded) -> bool {
    let content = match &recorded.event {
        Event::Object(ObjectEvent::Put(put)) => Some(&put.content),
        Event::Object(ObjectEvent::Revised(revised)) => Some(&revised.content),
        _ => None,
    };
    match clue {
        Clue::Etag(etag) => content.is_some_and(|content| content.etag == *etag),
        Clue::ScheduleTag(tag) => match &recorded.event {
            Event::Object(ObjectEvent::Moved(moved)) => moved.schedule_tag.as_ref() == Some(tag),
            _ => content.is_some_and(|content| content.schedule_tag.as_ref() == Some(tag)),
        },
        Clue::Request(request) => recorded.metadata.request == *request,
        Clue::Message(message) => {
            matches!(&recorded.event, Event::Object(ObjectEvent::MessageIssued(issued)) if issued.message == *message)
        }
        Clue::PersonalData(uid) => {
            matches!(&recorded.event, Event::Share(ShareEvent::PersonalDataChanged(changed)) if changed.uid == *uid)
        }
    }
}

/// Returns true if a version of the meeting that a person stored has an instance on the requested
/// day, or too many instances to tell, or if no day is requested.
async fn takes_place(
    journal: &dyn Journal,
    models: &ReadModels,
    search: &Search,
    found: &Found,
) -> Result<bool, Unreadable> {
    let Some((start, end)) = search.query.during else { return Ok(true) };
    let evidence = read::texts(journal, models, &found.uid).await?;
    Ok(evidence.iter().any(|ics| has_instance(ics, Window::new(start, end))))
}

fn has_instance(ics: &str, window: Window) -> bool {
    let Ok(document) = Document::parse(ics) else { return false };
    let zones = Zones::of(&document);
    let budget = Budget::default();
    let any =
        |series: &Series<'_>| recur::any(series, &zones, &Zone::Utc, window, &budget, &mut |_| true).unwrap_or(true);
    Series::of(&document, &zones).iter().any(any)
}

#[cfg(test)]
mod tests {
    use schemas::Timestamp;

    use super::*;

    #[test]
    fn a_search_is_partial_only_if_a_candidate_is_not_checked() {
        let meeting = |number: usize| Found {
            uid: number.to_string(),
            organizer: String::new(),
            title: String::new(),
            position: Position(0),
            at: Timestamp(0),
        };
        for (count, is_partial) in [(MAX_CANDIDATES, false), (MAX_CANDIDATES + 1, true)] {
            let found = candidates(Finding { meetings: (0..count).map(meeting).collect(), is_partial: false });
            assert_eq!((found.meetings.len(), found.is_partial), (MAX_CANDIDATES, is_partial), "{count}");
        }
    }
}
