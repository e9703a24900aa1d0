//! The options of commands that change something: to change nothing, and to print JSON.

use clap::Args;

// The options `--dry-run` and `--json`. This is not a doc comment, because clap would show it as
// the description of `daybook import`, whose options are built lazily.
#[derive(Debug, Clone, Copy, Default, Args, serde::Serialize, serde::Deserialize)]
pub(crate) struct OutputOptions {
    /// Print what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,
}
