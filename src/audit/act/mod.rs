//! Acts: what one person or operator did with one request, and everything it led to, in a few lines.

mod consequences;
mod deed;
mod fold;
mod summary;

use schemas::{Position, PrincipalId, Timestamp};
use uuid::Uuid;

use crate::Change;

pub(crate) use fold::fold;

/// One request of a person or an operator, with its consequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The first event.
    pub position: Position,
    /// When it was decided.
    pub at: Timestamp,
    /// The request, as the access log names it.
    pub request: Uuid,
    /// The person who acted, the person for whom, or `the server`.
    pub actor: String,
    /// Who acted, and in whose name.
    pub by: Vec<PrincipalId>,
    /// Everybody concerned: who acted, the owners of copies that changed, recipients.
    pub people: Vec<PrincipalId>,
    /// `PUT`, `DELETE`, `command line` …
    pub via: String,
    /// The program, in a few words; `None`: not told.
    pub program: Option<String>,
    /// Network address of the program; empty: none.
    pub address: String,
    /// On which ground it was allowed, if not as the owner; `None` also where it is not recorded.
    pub right: Option<String>,
    /// The act in one phrase, after the actor.
    pub deed: String,
    /// The instances it is about, as they are written; empty: the whole.
    pub instances: Vec<String>,
    /// Significant and private changes in words, one line each.
    pub details: Vec<String>,
    /// All changes.
    pub changes: Vec<Change>,
    /// The server's own acts that followed, in words.
    pub server: Vec<String>,
    /// Who was told, by method and outcome.
    pub told: Vec<String>,
    /// Who was not told, and why.
    pub not_told: Vec<String>,
    /// All its events.
    pub events: Vec<Position>,
    /// Those of its events that are not what was stored.
    pub altered: Vec<Position>,
    /// True for an answer of an attendee that changed nothing else.
    pub is_answer: bool,
}
