//! The commands that check and prove that the journal is complete and unchanged.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::lazy::Lazy;

/// The commands that check the journal, sign its head, and prove that it holds an event.
#[derive(Debug, Subcommand)]
pub(crate) enum Proof {
    /// Check every event of the journal and the access journal, the vault, and optionally the read
    /// models
    #[command(after_help = "\
Works while a server is running. The exit code is 1 if a check finds a fault, such as an event that was altered or is missing, \
a secret that the vault lacks, or a read model that differs from the journal.

Examples:
  daybook verify
  daybook verify --read-models
  daybook verify --against /mnt/vault/heads/ --key 'calendar.example.com/journal+5a6f1c2e+ARpc…'")]
    Verify(Lazy<Verify>),
    /// Show the head of the journal, or sign it
    #[command(after_help = "\
Works while a server is running. Keep signed heads outside of this server: see docs/proof.md.

Examples:
  daybook head
  daybook head --sign --to /mnt/vault/heads")]
    Head(Lazy<Head>),
    /// Manage the keys that sign heads
    #[command(subcommand)]
    Key(Lazy<Key>),
    /// Prove one event, or that an earlier signed head is the beginning of the journal
    #[command(after_help = "\
Examples:
  daybook prove '#213' > proof.txt
  daybook prove --since /mnt/vault/heads/000000001024.head > consistency.txt")]
    Prove(Lazy<Prove>),
    /// Check a proof, without the journal
    #[command(
        name = "check-proof",
        after_help = "\
Example:
  daybook check-proof proof.txt --key 'calendar.example.com/journal+5a6f1c2e+ARpc…'"
    )]
    Check(Lazy<CheckProof>),
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Build every read model again, in a temporary folder, and compare its rows with the existing
    /// ones
    #[arg(long)]
    pub read_models: bool,
    /// Do not check the vault, because the folder contains a copy of the journal without the vault
    #[arg(long)]
    pub without_vault: bool,
    /// Compare the journal with signed heads: files, or folders of files that end with .head
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub against: Vec<PathBuf>,
    /// Public key of the heads, or a file of keys [default: the keys of the data folder]
    #[arg(long, value_name = "KEY", requires = "against")]
    pub key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Create the first key
    Create {
        /// Origin of the heads: a name like calendar.example.com/journal, without blanks
        name: String,
    },
    /// Replace the key, and write a head that is signed by both keys
    Rotate,
    /// List the public parts of all keys
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Head {
    /// Sign the head, and keep it in the data folder
    #[arg(long)]
    pub sign: bool,
    /// Also copy the signed head to this folder
    #[arg(long, value_name = "DIR", requires = "sign")]
    pub to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// Position of the event to prove
    #[arg(value_name = "#POSITION", required_unless_present = "since", conflicts_with = "since")]
    pub position: Option<String>,
    /// Prove that the journal still begins with what this earlier signed head covers
    #[arg(long, value_name = "FILE")]
    pub since: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckProof {
    /// File with the proof
    pub file: PathBuf,
    /// Public key, or a file of public keys, one per line
    #[arg(long, value_name = "KEY")]
    pub key: String,
}
