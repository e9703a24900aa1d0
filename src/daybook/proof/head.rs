//! `daybook head`: shows the head of the journal. With `--sign` it signs the head.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use audit::proof::tree;

use super::{heads, keys};
use crate::{cli::proof::Head, config::Config, engine, out};

pub(crate) async fn run(folder: &Path, config: &Config, asked: &Head) -> Result<()> {
    let journal = engine::to_read(folder, config).await?;
    if !asked.sign {
        let mut tiles = heads::tiles(folder, &*journal).await?;
        let size = tiles.size();
        let root = heads::ask(&mut tiles, &*journal, |tiles| tree::root(tiles, size)).await?;
        let root = schemas::Hash(root);
        let chain = journal.chain_head().await?;
        let chain = chain.map(|head| format!("; the last hash of the chain is {}", head.hash)).unwrap_or_default();
        return out::print(&format!(
            "{size} events up to position {}; the root hash of the tree is {root}{chain}\n",
            tiles.end()
        ));
    }
    let signed = heads::sign(folder, &*journal, &[&keys::signing(folder)?]).await?;
    if let Some(to) = &asked.to {
        let name = signed.file.file_name().context("the file of the signed head has no name")?;
        let copy = to.join(name);
        fs::copy(&signed.file, &copy).with_context(|| copy.display().to_string())?;
    }
    out::print(&signed.note.to_text())
}
