//! Scenarios: people change their copies, messages go round, everybody's copy is looked at.

mod attendee;
mod organizer;
mod world;
