//! Scenarios: people change their copies, messages go round, everybody's copy is looked at.

mod agents;
mod attendee;
mod laws;
mod merge;
mod messages;
mod order;
mod organizer;
mod own;
mod recurring;
mod tasks;
mod world;
