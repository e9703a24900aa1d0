//! The parts that engines have in common, for engines in crates of their own.

pub use crate::{
    placement::{Admitted, Place, Prepared, admit},
    subscription::Source,
    tail::Tail,
};
