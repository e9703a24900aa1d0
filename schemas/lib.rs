//! The event contract: every fact Daybook ever stores.
