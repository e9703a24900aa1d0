//! Parses a search: plain words, and words with a qualifier such as `who:`.

use chrono::NaiveDate;
use projections::{
    ReadModels,
    search::{Clue, Query},
};
use schemas::object::Place;
use uuid::Uuid;

use super::href;
use crate::{Clock, Names};

/// A search for meetings, parsed from a person's words.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The part of the search that the index evaluates.
    pub query: Query,
    /// Identifiers (such as an ETag or the id of a request) by which single events are found.
    pub clues: Vec<Clue>,
    /// Paths of resources. A copy of the meeting must be, or must once have been, at each of them.
    pub places: Vec<Place>,
}

/// The reason for which a search cannot be understood.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotAQuery {
    /// The text means no principal (see [`Names::find`]), and has no `@`.
    #[error("no account or group has the login, address or name `{0}`")]
    Nobody(String),
    /// The value of a qualifier does not have the expected form.
    #[error("`{qualifier}:` needs {wanted}; `{value}` is none")]
    Value {
        /// Name of the qualifier.
        qualifier: String,
        /// The value that was given.
        value: String,
        /// The kind of value that was expected.
        wanted: &'static str,
    },
    /// No resource is found at the given path.
    #[error(transparent)]
    Href(#[from] href::NotFound),
}

/// The known qualifiers, in the order of the help text.
pub const QUALIFIERS: [&str; 10] = ["who", "client", "on", "from", "to", "etag", "tag", "request", "message", "href"];

impl Search {
    /// Parses a search. If the text before a colon is not a known qualifier, it is searched as a
    /// word, together with the colon and what follows.
    pub fn parse(words: &[String], models: &ReadModels, clock: &Clock) -> Result<Self, NotAQuery> {
        let directory = models.directory();
        let names = Names::of(&directory);
        let mut search = Self::default();
        for word in words {
            match word.split_once(':').filter(|(qualifier, _)| QUALIFIERS.contains(qualifier)) {
                Some((qualifier, value)) => search.qualified(qualifier, value, models, (&names, clock))?,
                None => search.query.words.extend(word.split_whitespace().map(str::to_owned)),
            }
        }
        Ok(search)
    }

    /// Returns the first unknown word that looks like a qualifier, to warn about a typing error;
    /// `None` if there is none.
    pub fn unknown_qualifier(words: &[String]) -> Option<&str> {
        let looks_so = |name: &&str| !name.is_empty() && name.chars().all(|one| one.is_ascii_lowercase());
        let mut names = words.iter().filter_map(|word| Some(word.split_once(':')?.0)).filter(looks_so);
        names.find(|name| !QUALIFIERS.contains(name))
    }

    fn qualified(
        &mut self,
        qualifier: &str,
        value: &str,
        models: &ReadModels,
        (names, clock): (&Names, &Clock),
    ) -> Result<(), NotAQuery> {
        let wrong = |wanted| NotAQuery::Value { qualifier: qualifier.to_owned(), value: value.to_owned(), wanted };
        let moment = || clock.read(value).ok_or_else(|| wrong("a time like 2026-12-01 or 2026-12-01T10:00"));
        let id = || Uuid::parse_str(value).map_err(|_| wrong("a UUID"));
        // Logs show an ETag in quotes, and a weak one after `W/` (RFC 9110 §8.8.3).
        let unquoted = || value.strip_prefix("W/").unwrap_or(value).trim_matches('"').to_owned();
        match qualifier {
            "who" => {
                let ids = names.find(value);
                let directory = models.directory();
                let entries = ids.iter().filter_map(|id| directory.by_id(*id));
                let mut addresses: Vec<String> = entries.flat_map(|entry| entry.addresses.clone()).collect();
                if ids.is_empty() && value.contains('@') {
                    addresses.push(value.to_owned());
                }
                if ids.is_empty() && addresses.is_empty() {
                    return Err(NotAQuery::Nobody(value.to_owned()));
                }
                self.query.people.push((ids, addresses));
            }
            "client" => self.query.clients.push(value.to_owned()),
            "on" => {
                let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").map_err(|_| wrong("a day like 2026-12-14"))?;
                self.query.during = Some(clock.bounds_of_day(day));
            }
            "from" => self.query.since = Some(moment()?),
            "to" => self.query.until = Some(moment()?),
            // A client's log may contain the ETag of another representation, or of a sharee's view
            // of the object. Both have a suffix, which is cut off here.
            "etag" => self.clues.push(Clue::Etag(unquoted().split(['+', '-']).next().unwrap_or_default().to_owned())),
            "tag" => self.clues.push(Clue::ScheduleTag(unquoted())),
            "request" => self.clues.push(Clue::Request(id()?)),
            "message" => self.clues.push(Clue::Message(id()?)),
            _ => {
                let target = href::resolve(models, value)?;
                self.places.push(target.place().ok_or_else(|| wrong("the path of a resource in a calendar"))?);
            }
        }
        Ok(())
    }
}
