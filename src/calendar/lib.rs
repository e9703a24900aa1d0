//! The aggregates: calendar objects, collections, files, principals and shares.
//!
//! The module of an aggregate reads in one order: state → command → `decide` → `evolve`.
//!
//! **Invariant:** pure. Time, ids, actors and everything else that a decision needs are arguments.
//! `decide` may refuse; `evolve` never fails and checks no rules.

#[cfg(feature = "changed-rule")]
pub mod changed_rule;
pub mod collection;
pub mod file;
mod in_turn;
pub mod limits;
pub mod object;
pub mod principal;
mod properties;
pub mod refusal;
pub mod require;
pub mod share;
pub mod tag;

pub use in_turn::in_turn;
pub use limits::Limits;
pub use properties::{MAX_PROPERTIES, MAX_PROPERTIES_BYTES};
pub use refusal::Refusal;
pub use require::{Require, Tags};
