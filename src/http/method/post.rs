//! `POST`.
use actix_web::{HttpResponse, web::Payload};
use crate::{call::Call, no::No};
pub(crate) async fn post(_call: &Call, _payload: Payload) -> Result<HttpResponse, No> { Err(No::NotFound) }
