//! The parts that engines have in common, for engines in crates of their own.

pub use crate::{
    placement::{Admitted, admit},
    subscription::Source,
    tail::Tail,
};
