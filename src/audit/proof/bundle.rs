//! Proofs as files, of inclusion (C2SP `tlog-proof`) or consistency. A program can verify such a
//! file with only a public key, without the journal.
//!
//! An inclusion proof contains the event with all parts that its hash covers. A consistency proof
//! shows that the journal of an earlier head is a prefix of the journal of a later head.

use base64::{Engine, engine::general_purpose::STANDARD};
use journal::chain::{Added, Entry};
use schemas::{Hash, Position};
use serde_json::{Value, json};

use super::{
    checkpoint::{Checkpoint, NotACheckpoint},
    key::VerifierKey,
    note::{NotSigned, Note},
    tree::{self, Node},
};

const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
const CONSISTENCY: &str = "daybook-consistency-proof@v1";

/// A proof about an event or about two signed heads, as it is stored in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bundle {
    /// A proof that an event is in the journal of a signed head.
    Inclusion {
        /// The event.
        entry: Box<Entry>,
        /// The hash of the previous event in the same chain.
        previous: Hash,
        /// True if the event is in the chain of its stream, false if the journal has a single
        /// chain.
        is_of_stream: bool,
        /// Index of the event in the journal, counted from 0.
        index: u64,
        /// The hashes on the path from the event to the root of the Merkle tree.
        path: Vec<Node>,
        /// The signed head.
        head: Note,
    },
    /// A proof that the journal of one head is a prefix of that of another.
    Consistency {
        /// The hashes that lead to the roots of both heads.
        path: Vec<Node>,
        /// The earlier head.
        old: Note,
        /// The later head.
        new: Note,
    },
}

/// The reason for which a file is not a valid proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The file does not have the form of a proof.
    #[error("the file is not a proof: {0}")]
    Malformed(&'static str),
    /// A head is no signed note, or is not validly signed by one of the given keys.
    #[error(transparent)]
    Signature(#[from] NotSigned),
    /// The signed text is not a head.
    #[error(transparent)]
    Head(#[from] NotACheckpoint),
    /// The hash of the event does not fit the parts of the event.
    #[error("the event does not have the hash that is recorded with it: a part of it was changed")]
    Event,
    /// The path from the event does not lead to the signed root.
    #[error("the event does not belong to the signed head: the hashes of the proof lead to another root")]
    Inclusion,
    /// The hashes do not lead to both signed roots, or the heads have different origins.
    #[error("the journal of the later head does not begin with the journal of the earlier one")]
    Consistency,
}

impl Bundle {
    /// Returns the proof as the contents of its file.
    pub fn to_text(&self) -> String {
        let lines = |path: &[Node]| path.iter().map(|node| STANDARD.encode(node) + "\n").collect::<String>();
        match self {
            Self::Inclusion { entry, previous, is_of_stream, index, path, head } => {
                let extra = STANDARD.encode(event(entry, *previous, *is_of_stream).to_string());
                format!("{INCLUSION}\nextra {extra}\nindex {index}\n{}\n{}", lines(path), head.to_text())
            }
            Self::Consistency { path, old, new } => {
                // Each head ends with its signatures, so a separator line is needed between the two
                // heads.
                format!("{CONSISTENCY}\n{}\n{}---\n{}", lines(path), old.to_text(), new.to_text())
            }
        }
    }

    /// Parses the contents of a file as a proof, without verifying it.
    pub fn parse(text: &str) -> Result<Self, Unproven> {
        let (kind, rest) = text.split_once('\n').ok_or(Unproven::Malformed("the file has only one line"))?;
        match kind {
            INCLUSION => inclusion(rest),
            CONSISTENCY => consistency(rest),
            _ => Err(Unproven::Malformed("the first line names no kind of proof")),
        }
    }

    /// Verifies the proof. Returns the head of the inclusion proof, or the later head.
    pub fn check(&self, keys: &[VerifierKey]) -> Result<Checkpoint, Unproven> {
        match self {
            Self::Inclusion { entry, previous, is_of_stream, index, path, head } => {
                head.verify(keys)?;
                let checkpoint = Checkpoint::parse(&head.text)?;
                let fits = if *is_of_stream { entry.follows_in_stream(*previous) } else { entry.follows(*previous) };
                if !fits {
                    return Err(Unproven::Event);
                }
                let leaf = tree::leaf(&entry.hash);
                let is_proved = tree::proves_inclusion(leaf, *index, checkpoint.size, path, &checkpoint.root);
                if is_proved { Ok(checkpoint) } else { Err(Unproven::Inclusion) }
            }
            Self::Consistency { path, old, new } => {
                old.verify(keys)?;
                new.verify(keys)?;
                let (old, new) = (Checkpoint::parse(&old.text)?, Checkpoint::parse(&new.text)?);
                let (earlier, later) = ((old.size, &old.root), (new.size, &new.root));
                let is_proved = old.origin == new.origin && tree::proves_consistency(earlier, later, path);
                if is_proved { Ok(new) } else { Err(Unproven::Consistency) }
            }
        }
    }
}

fn inclusion(rest: &str) -> Result<Bundle, Unproven> {
    let (proof, head) = rest.split_once("\n\n").ok_or(Unproven::Malformed("the file has no signed head"))?;
    let mut lines = proof.lines();
    let extra = lines
        .next()
        .and_then(|line| line.strip_prefix("extra "))
        .ok_or(Unproven::Malformed("the file has no event"))?;
    let index = lines.next().and_then(|line| line.strip_prefix("index ")?.parse().ok());
    let index = index.ok_or(Unproven::Malformed("the file has no index of the event"))?;
    let path = nodes(lines)?;
    let bytes = STANDARD.decode(extra).map_err(|_| Unproven::Malformed("the event in the file is not base64"))?;
    let event = serde_json::from_slice(&bytes).map_err(|_| Unproven::Malformed("the event in the file is not JSON"))?;
    let (entry, previous, is_of_stream) =
        read_event(&event).ok_or(Unproven::Malformed("a part of the event is missing or malformed"))?;
    let entry = Box::new(entry);
    Ok(Bundle::Inclusion { entry, previous, is_of_stream, index, path, head: Note::parse(head)? })
}

fn consistency(rest: &str) -> Result<Bundle, Unproven> {
    let (proof, heads) = match rest.strip_prefix('\n') {
        Some(heads) => ("", heads),
        None => rest.split_once("\n\n").ok_or(Unproven::Malformed("the file has no signed heads"))?,
    };
    let (old, new) = heads.split_once("---\n").ok_or(Unproven::Malformed("the file does not have two signed heads"))?;
    Ok(Bundle::Consistency { path: nodes(proof.lines())?, old: Note::parse(old)?, new: Note::parse(new)? })
}

fn nodes<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Node>, Unproven> {
    let node = |line: &str| STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
    lines.map(|line| node(line).ok_or(Unproven::Malformed("a line of the proof is not a hash in base64"))).collect()
}

/// Returns the event as JSON, with all parts that its hash covers and the kind of its chain. Bytes
/// are in base64.
fn event(entry: &Entry, previous: Hash, is_of_stream: bool) -> Value {
    let Entry { position, stream, revision, id, kind, metadata, data, hash, version, added } = entry;
    let Added { stored_at, data_encoding, personal, personal_encoding } = added;
    let bytes = |bytes: &[u8]| STANDARD.encode(bytes);
    json!({
        "chain": if is_of_stream { "stream" } else { "journal" },
        "form": version,
        "previous": bytes(&previous.0),
        "position": position,
        "stream": stream,
        "revision": revision,
        "id": bytes(id),
        "kind": kind,
        "metadata": bytes(metadata),
        "data": bytes(data),
        "hash": bytes(hash),
        "stored_at": stored_at,
        "data_encoding": data_encoding,
        "personal": bytes(personal),
        "personal_encoding": personal_encoding,
    })
}

fn read_event(event: &Value) -> Option<(Entry, Hash, bool)> {
    let text = |name: &str| event.get(name)?.as_str().map(str::to_owned);
    let bytes = |name: &str| STANDARD.decode(text(name)?).ok();
    let entry = Entry {
        position: Position(event.get("position")?.as_u64()?),
        stream: text("stream")?,
        revision: event.get("revision")?.as_u64()?,
        id: bytes("id")?,
        kind: text("kind")?,
        metadata: bytes("metadata")?,
        data: bytes("data")?,
        hash: bytes("hash")?,
        version: event.get("form")?.as_i64()?,
        added: Added {
            stored_at: event.get("stored_at")?.as_i64(),
            data_encoding: text("data_encoding")?,
            personal: bytes("personal")?,
            personal_encoding: text("personal_encoding")?,
        },
    };
    let previous = Hash(bytes("previous")?.try_into().ok()?);
    Some((entry, previous, text("chain")? == "stream"))
}
