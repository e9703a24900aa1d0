//! `/audit/log/…`: the tree over the journal as a transparency log (C2SP `tlog-tiles`): the last
//! signed head, tiles of hashes, and bundles of entries. Administrators and auditors may read it.

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

/// The first segments of the log.
const LOG: &str = "/audit/log/";
/// The methods of the log.
const ALLOW: &str = "OPTIONS, GET, HEAD";
/// Most events after the last tile of the cache that an answer hashes. A signed head brings the
/// cache up to date.
const MAX_UNCACHED_EVENTS: u64 = 4_096;
/// Ends the names of files with signed heads; the cache of the tree lies beside them.
const SUFFIX: &str = "head";
const CACHE: &str = "tiles";

/// A request for the log.
pub(super) struct LogRequest<'a>(&'a str);

impl<'a> LogRequest<'a> {
    /// Reads the path of a request; `None` if it is not for the log.
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
        // The bytes at a path of a tile or bundle never change.
        answer.insert_header((CONTENT_TYPE, "application/octet-stream"));
        answer.insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"));
        Ok(answer.body(bytes))
    }
}

/// The text of the head that covers most events; `None` if none was signed.
fn newest(folder: &File) -> Option<String> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let heads = files.filter(|path| path.extension().is_some_and(|suffix| suffix == SUFFIX));
    std::fs::read_to_string(heads.max()?).ok()
}

/// The bytes of a tile or of a bundle; `None` if the signed tree does not have it.
async fn tile(call: &Call, folder: &File, note: &str, wanted: Wanted) -> Result<Option<Vec<u8>>, Refusal> {
    let size = Note::parse(note).ok().and_then(|note| Checkpoint::parse(&note.text).ok()).map(|head| head.size);
    let size = size.ok_or(Refusal::NotFound)?;
    let cached = std::fs::read(folder.join(CACHE)).unwrap_or_default();
    let mut tiles = Tiles::from_cache(&cached);
    if size.saturating_sub(tiles.size()) > MAX_UNCACHED_EVENTS || tiles.size() > size {
        return Err(
            service::Error::Behind("the cache of the tree does not exist: run `daybook head --sign`".into()).into()
        );
    }
    let service = call.service();
    let journal = service.journal();
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
