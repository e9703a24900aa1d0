//! `daybook check-proof`: checks a proof without needing the journal.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use audit::{foreign, proof::bundle::Bundle};

use super::keys;
use crate::out;

pub(crate) fn run(file: &Path, key: &str) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let bundle = Bundle::parse(&text).with_context(|| file.display().to_string())?;
    let head = bundle.check(&keys::given(key)?).with_context(|| format!("NOT PROVED: {}", file.display()))?;
    let (origin, size) = (foreign::identifier(&head.origin), head.size);
    out::print(&match bundle {
        Bundle::Inclusion { entry, .. } => {
            let (position, kind, stream) = (entry.position, foreign::identifier(&entry.kind), &entry.stream);
            format!("proved: #{position}, {kind} in {stream}, is among the first {size} events of {origin}\n")
        }
        Bundle::Consistency { .. } => {
            format!("proved: the first {size} events of {origin} begin with those of the earlier head, unchanged\n")
        }
    })
}
