//! For people: timeline, verification.
