//! Whole-system tests, in one binary.

mod scheduling;
mod system;
