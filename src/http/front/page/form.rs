//! Parses HTML forms (`application/x-www-form-urlencoded`) up to a maximum size.

use actix_web::{
    http::{StatusCode, header::CONTENT_TYPE},
    web::{Payload, Query},
};
use page::field;

use super::Request;
use crate::{
    body::{self, Limit},
    header::is_cross_site,
};

/// Maximum size of a form in bytes.
const MAX_FORM_BYTES: usize = 16_384;
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// The fields of a form, as the browser sent them.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form of a request. `Err` with a status and the reason if it is refused.
    pub(super) async fn read(request: &Request<'_>, payload: &mut Payload) -> Result<Self, (StatusCode, &'static str)> {
        if is_cross_site(request.http.headers()) {
            return Err((
                StatusCode::FORBIDDEN,
                "Nothing was changed, because a page of another site sent this form. Use the forms on this site.",
            ));
        }
        let media = request.http.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(URLENCODED) {
            return Err((
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This address only receives forms. Go back to the start.",
            ));
        }
        let limit = Limit { name: "max-form-bytes", bytes: MAX_FORM_BYTES };
        let body = body::read(request.http, payload, limit, request.front.state.body_timing()).await;
        let body = body.map_err(|error| match error {
            body::Error::TooLarge(_) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Nothing was changed, because the form is too long. Enter less.")
            }
            body::Error::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "Nothing was changed, because the form did not arrive completely in time. Send it again.",
            ),
            body::Error::Encoded | body::Error::Length | body::Error::Incomplete | body::Error::Crowded(_) => {
                UNREADABLE
            }
        })?;
        let text = String::from_utf8(body).map_err(|_| UNREADABLE)?;
        let fields = Query::<Vec<(String, String)>>::from_query(&text).map_err(|_| UNREADABLE)?;
        Ok(Self(fields.into_inner()))
    }

    /// Returns the value of the first field with this name; empty if there is no such field.
    pub(super) fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.field(name).is_empty()
    }

    pub(super) fn token(&self) -> &str {
        self.field(field::TOKEN)
    }

    /// Returns the value of the name field, without white space around it.
    pub(super) fn name(&self) -> &str {
        self.field(field::NAME).trim()
    }

    pub(super) fn password(&self) -> &str {
        self.field(field::PASSWORD)
    }
}

const UNREADABLE: (StatusCode, &str) = (
    StatusCode::BAD_REQUEST,
    "Nothing was changed, because the form cannot be read. Load the page again, and repeat what you did.",
);
