//! The tests of the whole system, in one program.

#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]
#![expect(clippy::format_collect, reason = "clarity before speed in what makes up texts")]

mod architecture;
mod columns;
mod licences;
mod moving;
mod scheduling;
mod simulation;
mod sizes;
mod system;
mod verified;
