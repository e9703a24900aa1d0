use crate::{call::Call, no::No, node::Found};
use actix_web::HttpResponse;
pub(super) fn answer(_call: &Call, _found: &Found, _query: &dav::time::Span) -> Result<HttpResponse, No> {
    Err(No::NotFound)
}
