//! Finds the subject of a report from the argument of a command.

use journal::Journal;
use projections::{ReadModels, search::Found};
use uuid::Uuid;

use super::{Search, find, href};
use crate::{Clock, Detail, Evidence, Unreadable, read};

/// Maximum number of meetings that are named if several match.
const NAMED: usize = 10;

/// The subject of a report: a meeting or a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The meeting with this iCalendar UID.
    Meeting(String),
    /// Everything to which the request with this id led.
    Request(Uuid),
}

/// The reason why no subject is found for an argument.
#[derive(Debug, thiserror::Error)]
pub enum Ambiguous {
    /// No meeting matches the argument.
    #[error("no meeting was found for `{0}`; `daybook find` searches by words, people and days")]
    Nothing(String),
    /// More than one meeting matches the argument.
    #[error("several meetings fit `{text}`; name one by its UID (at most {NAMED} are listed):\n{}", shown(.found))]
    Several {
        /// The argument that was given.
        text: String,
        /// Some of the meetings that match.
        found: Vec<Found>,
    },
    /// A qualifier has a value that cannot be understood, or no resource is at the path.
    #[error(transparent)]
    Query(#[from] super::NotAQuery),
    /// The journal or a read model cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

fn shown(found: &[Found]) -> String {
    let line = |found: &Found| {
        let (uid, title) = (crate::foreign::identifier(&found.uid), crate::foreign::quoted(&found.title));
        format!("  {uid}  {title}")
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Finds the subject from a UID, `request:ID`, a path or URL, or a search that matches only one
/// meeting.
pub async fn subject(
    journal: &dyn Journal,
    models: &ReadModels,
    text: &str,
    clock: &Clock,
) -> Result<Subject, Ambiguous> {
    let request = text.strip_prefix("request:").and_then(|id| Uuid::parse_str(id).ok());
    if let Some(request) = request {
        return Ok(Subject::Request(request));
    }
    let is_uid = !models.streams_of_uid(text).map_err(Unreadable::from)?.is_empty();
    if is_uid {
        return Ok(Subject::Meeting(text.to_owned()));
    }
    let is_path = text.starts_with('/') || text.contains("://");
    let words: Vec<String> =
        if is_path { vec![format!("href:{text}")] } else { text.split_whitespace().map(str::to_owned).collect() };
    let search = Search::parse(&words, models, clock)?;
    let mut found = find(journal, models, &search, NAMED).await?.meetings;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(Subject::Meeting(one.uid)),
        (Some(last), false) => {
            found.push(last);
            Err(Ambiguous::Several { text: text.to_owned(), found })
        }
        (None, _) => Err(Ambiguous::Nothing(text.to_owned())),
    }
}

impl Subject {
    /// Reads the events of the subject.
    pub async fn read(&self, journal: &dyn Journal, models: &ReadModels) -> Result<Evidence, Unreadable> {
        self.read_in_detail(journal, models, Detail::Events).await
    }

    /// Reads the events of the subject, for a timeline of this detail.
    pub async fn read_in_detail(
        &self,
        journal: &dyn Journal,
        models: &ReadModels,
        detail: Detail,
    ) -> Result<Evidence, Unreadable> {
        match self {
            Self::Meeting(uid) => read::detailed_meeting(journal, models, uid, detail).await,
            Self::Request(request) => read::request(journal, models, *request).await,
        }
    }
}

impl From<href::NotFound> for Ambiguous {
    fn from(not_found: href::NotFound) -> Self {
        Self::Query(not_found.into())
    }
}
