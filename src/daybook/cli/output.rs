//! The options about the output of commands that change something.

use clap::Args;

// The options about the output of a command. This is not a doc comment, because clap would show it
// as the description of each command with these options.
#[derive(Debug, Clone, Copy, Default, Args, serde::Serialize, serde::Deserialize)]
pub(crate) struct OutputOptions {
    /// Print what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,
}
