//! Building blocks of the engines, exported for engines in other crates.

pub use crate::{
    placement::{Admitted, Place, Prepared, admit},
    subscription::Source,
    tail::Tail,
};
