//! Events in, views out. Whatever a view says must be the same fed live, replayed at once, and built anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod busy;
mod collections;
mod feeding;
mod files;
mod given;
mod laws;
mod members;
mod nested;
mod principals;
mod ranges;
mod shared;
mod snapshots;
mod syncing;
mod timeline;
