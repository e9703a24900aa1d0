//! Tests that apply events and compare the results of queries. The results must be the same if the
//! events are applied one by one, at once, or with a restart between.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod busy;
mod collections;
mod comparison;
mod files;
mod given;
mod growth;
mod laws;
mod members;
mod nested;
mod offered;
mod personal;
mod principals;
mod projector;
mod ranges;
mod rooms;
mod search;
mod shared;
mod shares;
mod snapshots;
mod streams;
mod syncing;
