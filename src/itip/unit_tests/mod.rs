//! Tests of rules that the texts in `tests/scheduling` cannot show, for example tables of messages
//! that arrive late, twice or from the wrong people, the bytes of messages, reasons for suppressed
//! messages, and laws.

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
