//! `daybook prove`: writes a proof that the journal contains an event, or that an earlier signed
//! head is a prefix of the journal.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use audit::proof::{bundle::Bundle, tiles::Tiles, tree};
use journal::{Journal, chain::Entry};
use schemas::{Hash, Position};

use super::heads;
use crate::{cli::proof::Prove, config::Config, engine, out};

/// The number of journal entries that are read at once, to count those before an event.
const PAGE_ENTRIES: usize = 1_000;

pub(crate) async fn run(folder: &Path, config: &Config, asked: &Prove) -> Result<()> {
    let journal = engine::to_read(folder, config).await?;
    let last = heads::files(folder)?.pop().context("no head is signed yet; run `daybook head --sign` first")?;
    let mut tiles = heads::tiles(folder, &*journal).await?;
    let bundle = match (&asked.position, &asked.since) {
        (Some(position), _) => inclusion(&*journal, &mut tiles, &last, position).await?,
        (None, Some(since)) => consistency(&*journal, &mut tiles, since, &last).await?,
        (None, None) => bail!(
            "neither an event nor a head is named: name a position such as '#213', or an earlier head with --since"
        ),
    };
    out::print(&bundle.to_text())
}

async fn inclusion(journal: &dyn Journal, tiles: &mut Tiles, last: &Path, position: &str) -> Result<Bundle> {
    let number = position.trim_start_matches('#').parse();
    let position = Position(number.with_context(|| format!("`{position}` is not a position; write #136"))?);
    let (head, checkpoint) = heads::read(last)?;
    let (index, entry, previous) = found(journal, position).await?;
    let size = checkpoint.size;
    ensure!(index < size, "the event is newer than the last signed head; run `daybook head --sign` first");
    let path = heads::ask(tiles, journal, |tiles| tree::inclusion(tiles, index, size)).await?;
    let is_of_stream = journal.chain_head().await?.is_none();
    let entry = Box::new(entry);
    Ok(Bundle::Inclusion { entry, previous, is_of_stream, index, path, head })
}

/// Returns the event at a position, its number counted from 0, and the hash before it in its chain.
/// An error comes back if there is no event at the position.
async fn found(journal: &dyn Journal, position: Position) -> Result<(u64, Entry, Hash)> {
    let is_one_chain = journal.chain_head().await?.is_some();
    let (mut index, mut after, mut previous) = (0, Position::START, Hash::default());
    if is_one_chain && position.0 > 1 {
        // In engines with one chain, positions have no gaps, so the number follows from the
        // position.
        (index, after) = (position.0 - 2, Position(position.0 - 2));
    }
    let wanted = journal.entries(position.previous(), 1).await?.pop();
    let wanted = wanted.filter(|entry| entry.position == position);
    let wanted = wanted.with_context(|| format!("there is no event at position {position}"))?;
    loop {
        let page = journal.entries(after, PAGE_ENTRIES).await?;
        for entry in &page {
            if entry.position == position {
                return Ok((index, wanted, previous));
            }
            if is_one_chain || entry.stream == wanted.stream {
                previous = Hash(
                    entry
                        .hash
                        .as_slice()
                        .try_into()
                        .context("a hash in the journal does not have 32 bytes: run `daybook verify`")?,
                );
            }
            index += 1;
        }
        after =
            page.last().context("the event can be read, but not all events before it: run `daybook verify`")?.position;
    }
}

async fn consistency(journal: &dyn Journal, tiles: &mut Tiles, since: &Path, last: &Path) -> Result<Bundle> {
    let ((old, earlier), (new, later)) = (heads::read(since)?, heads::read(last)?);
    let (from, to) = (earlier.size, later.size);
    ensure!(
        from <= to,
        "the head {} covers more events than the last head that was signed here; run `daybook head --sign` first",
        since.display()
    );
    let path = heads::ask(tiles, journal, |tiles| tree::consistency(tiles, from, to)).await?;
    Ok(Bundle::Consistency { path, old, new })
}
