//! Acts: an act is one request of a person or operator with all its consequences, summarised in a
//! few lines.

mod consequences;
mod deed;
mod fold;
mod summary;

use schemas::{Position, PrincipalId, Timestamp};
use uuid::Uuid;

use crate::Change;

pub(crate) use fold::{ActEvent, fold};

/// One request of a person or an operator, with its consequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The first event.
    pub position: Position,
    /// When it was decided.
    pub at: Timestamp,
    /// The request, as the access log names it.
    pub request: Uuid,
    /// The person who acted, if necessary with the person for whom; or `the server`.
    pub actor: String,
    /// Who acted, and in whose name.
    pub by: Vec<PrincipalId>,
    /// Everybody concerned: who acted, the owners of copies that changed, recipients.
    pub people: Vec<PrincipalId>,
    /// `PUT`, `DELETE`, `command line` …
    pub via: String,
    /// The client program, in a few words; `None` if it is not to be shown.
    pub program: Option<String>,
    /// Network address of the program; empty: none.
    pub address: String,
    /// On which ground it was allowed, if not as the owner; `None` also where it is not recorded.
    pub right: Option<String>,
    /// The act in one phrase, after the actor.
    pub deed: String,
    /// The instances that it concerns, as text; empty for the whole series.
    pub instances: Vec<String>,
    /// Significant and private changes in words, one line each.
    pub details: Vec<String>,
    /// All changes.
    pub changes: Vec<Change>,
    /// The server's own acts that followed, in words.
    pub server: Vec<String>,
    /// The people who were notified, by method and outcome.
    pub notified: Vec<String>,
    /// The people who were not notified, with the reason.
    pub not_notified: Vec<String>,
    /// All its events.
    pub events: Vec<Position>,
    /// The positions of its events that were altered.
    pub altered: Vec<Position>,
    /// True for an answer of an attendee that changed nothing else.
    pub is_answer: bool,
}
