//! Whole-system tests, in one binary.

mod architecture;
mod licences;
mod scheduling;
mod system;
