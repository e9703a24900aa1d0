//! demo
use crate::cli::{Demo, Place};
use anyhow::Result;
#[allow(clippy::unused_async)]
pub(crate) async fn run(_place: &Place, _demo: &Demo) -> Result<()> {
    Ok(())
}
