use crate::{call::Call, no::No, node::Found};
use actix_web::HttpResponse;
pub(super) async fn answer(
    _call: &Call,
    _found: Found,
    _query: dav::request::CalendarQuery,
) -> Result<HttpResponse, No> {
    Err(No::NotFound)
}
