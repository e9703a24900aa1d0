//! The commands about heads and proofs, which call `audit::proof`.

mod against;
mod check;
mod head;
mod heads;
mod keys;
mod prove;

pub(crate) use against::against;
pub(crate) use check::run as check;
pub(crate) use head::run as head;
pub(crate) use heads::{folder, last_signed};
pub(crate) use keys::run as key;
pub(crate) use prove::run as prove;
