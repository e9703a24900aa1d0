//! Options about what a command prints.

use clap::Args;

// What a command prints about its work. No doc comment: clap would take it for the description of
// each command with these options.
#[derive(Debug, Clone, Copy, Default, Args, serde::Serialize, serde::Deserialize)]
pub(crate) struct OutputOptions {
    /// Print what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,
}
