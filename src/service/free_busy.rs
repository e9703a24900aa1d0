use crate::{address_book::Book, error::Error};
use projections::ReadModels;
use schemas::PrincipalId;
use std::ops::Range;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Busy,
    Free,
}
#[derive(Debug)]
pub struct BusyPeriod {
    pub start: i64,
    pub end: i64,
    pub kind: Kind,
}
pub(crate) fn of_home(
    _: &ReadModels,
    _: &Book,
    _: PrincipalId,
    _: Range<i64>,
    _: Option<&str>,
) -> Result<Vec<BusyPeriod>, Error> {
    Ok(vec![])
}
