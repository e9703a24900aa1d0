//! Checkpoints of a transparency log (C2SP `tlog-checkpoint`): origin, size and root.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::tree::Node;

/// The state of the journal in the form in which it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// Number of events in the journal.
    pub size: u64,
    /// Root of the Merkle tree whose leaves are the hashes of the events.
    pub root: Node,
}

/// The error that a text is not a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a checkpoint: it must have the lines origin, number and hash")]
pub struct NotACheckpoint;

impl Checkpoint {
    /// Returns the text that is signed.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Parses a checkpoint. Additional lines, which other logs may have, are ignored.
    pub fn parse(text: &str) -> Result<Self, NotACheckpoint> {
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NotACheckpoint);
        };
        let is_canonical = size == "0" || !size.starts_with('0');
        let size = size.parse().ok().filter(|_| is_canonical && !origin.is_empty()).ok_or(NotACheckpoint)?;
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(NotACheckpoint)?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_written_and_read_back() {
        let checkpoint = Checkpoint { origin: "example.com/log".to_owned(), size: 21, root: [7; 32] };
        assert_eq!(Checkpoint::parse(&checkpoint.to_text()), Ok(checkpoint.clone()));
        assert_eq!(Checkpoint::parse(&format!("{}more\n", checkpoint.to_text())), Ok(checkpoint));
        for wrong in ["", "a\n1\n", "a\n01\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n", "a\n1\nxx\n"] {
            assert_eq!(Checkpoint::parse(wrong), Err(NotACheckpoint), "{wrong}");
        }
    }
}
