//! The aggregates: calendar objects, collections, principals. Pure.
