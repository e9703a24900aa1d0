//! The building blocks that all engines share, exported for engines in other crates.

pub use crate::{
    placement::{Admitted, Place, Prepared, admit},
    subscription::Source,
    tail::Tail,
};
