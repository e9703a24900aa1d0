//! Tests of the rules that the texts in `tests/scheduling` cannot show: tables of messages that
//! arrive late, twice or from the wrong people, the bytes of messages, reasons for suppressed
//! messages, and laws.
//!
//! All other scheduling behaviour is tested by those texts.

mod agents;
mod answers;
mod handing_over;
mod laws;
mod merge;
mod messages;
mod order;
mod ranges;
mod series;
mod world;
