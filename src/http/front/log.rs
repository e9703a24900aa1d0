//! `/audit/log/…`: the journal as a transparency log (C2SP `tlog-tiles`). It consists of the last
//! signed tree head, tiles of hashes, and bundles of entries. Administrators and auditors may read
//! it.

use std::path::Path as File;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, CACHE_CONTROL, CONTENT_TYPE},
    },
};
use audit::proof::{checkpoint::Checkpoint, note::Note, served::Wanted, tiles::Tiles};

use crate::{call::Call, method::Method, refusal::Refusal, response};

/// The first path segments of the transparency log.
const LOG: &str = "/audit/log/";
/// The methods that are allowed in the transparency log.
const ALLOW: &str = "OPTIONS, GET, HEAD";
/// Maximum number of events that the cache of the hash tree may lack at the end of the signed tree.
/// Signing a tree head updates the cache.
const MAX_UNCACHED_EVENTS: u64 = 4_096;
/// Suffix of the names of the files that contain signed tree heads.
const SUFFIX: &str = "head";
/// Name of the file with the cache of the hash tree, in the folder of the signed tree heads.
const CACHE: &str = "tiles";

/// A request for the transparency log.
pub(super) struct LogRequest<'a>(&'a str);

impl<'a> LogRequest<'a> {
    /// Parses the path of a request; `None` if it does not lie in the transparency log.
    pub(super) fn of(target: &'a str) -> Option<Self> {
        target.strip_prefix(LOG).map(Self)
    }

    pub(super) async fn answer(self, call: &Call) -> Result<HttpResponse, Refusal> {
        if !super::as_of::is_auditing(&call.person, &call.state.settings.auditors) {
            return Err(Refusal::NotFound);
        }
        let method = Method::of(call)?;
        if method == Method::Options {
            return Ok(HttpResponse::Ok().insert_header((header::ALLOW, ALLOW)).finish());
        }
        if !matches!(method, Method::Get | Method::Head) {
            return Err(Refusal::MethodNotAllowed(ALLOW.to_owned()));
        }
        let wanted = Wanted::parse(self.0).ok_or(Refusal::NotFound)?;
        let folder = call.state.settings.heads.as_deref().ok_or(Refusal::NotFound)?;
        super::as_of::record(call);
        let note = newest(folder).ok_or(Refusal::NotFound)?;
        if wanted == Wanted::Checkpoint {
            return Ok(response::text(StatusCode::OK, note));
        }
        let bytes = tile(call, folder, &note, wanted).await?.ok_or(Refusal::NotFound)?;
        let mut answer = HttpResponse::Ok();
        // A tile or bundle never changes, so clients may cache it for a year.
        answer.insert_header((CONTENT_TYPE, "application/octet-stream"));
        answer.insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"));
        Ok(answer.body(bytes))
    }
}

/// Returns the text of the last signed tree head; `None` if no tree head was signed, or if its file
/// cannot be read.
fn newest(folder: &File) -> Option<String> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let heads = files.filter(|path| path.extension().is_some_and(|suffix| suffix == SUFFIX));
    std::fs::read_to_string(heads.max()?).ok()
}

/// Returns the bytes of a tile or bundle; `None` if the signed tree does not contain it. `note` is
/// the text of the last signed tree head. `Err` if the tree head or the journal cannot be read, if
/// the cache of the hash tree is newer than the tree head, or if the cache lacks more than
/// [`MAX_UNCACHED_EVENTS`] events of the signed tree.
async fn tile(call: &Call, folder: &File, note: &str, wanted: Wanted) -> Result<Option<Vec<u8>>, Refusal> {
    let size = Note::parse(note).ok().and_then(|note| Checkpoint::parse(&note.text).ok()).map(|head| head.size);
    let size = size.ok_or(Refusal::NotFound)?;
    let cached = std::fs::read(folder.join(CACHE)).unwrap_or_default();
    let service = call.service();
    let journal = service.journal();
    let mut tiles = Tiles::of_journal(&cached, journal).await.map_err(service::Error::from)?;
    if size.saturating_sub(tiles.size()) > MAX_UNCACHED_EVENTS || tiles.size() > size {
        return Err(service::Error::Behind(
            "the cache of the transparency log's hash tree is missing, or does not fit the last signed head; the \
             operator can write it with `daybook head --sign`"
                .into(),
        )
        .into());
    }
    tiles.extend(journal, Some(size)).await.map_err(service::Error::from)?;
    match wanted {
        Wanted::Checkpoint => Ok(None),
        Wanted::Entries { number, width } => {
            Ok(tiles.entries(journal, number, width).await.map_err(service::Error::from)?)
        }
        Wanted::Tile { level, number, width } => loop {
            match tiles.hashes(level, number, width) {
                Ok(hashes) => return Ok(hashes),
                Err(missing) => tiles.load(journal, missing).await.map_err(service::Error::from)?,
            }
        },
    }
}
