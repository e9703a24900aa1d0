//! The HTTP requests to the provider.
//!
//! **Invariant:** the size of an answer and the time for it are limited, redirections are not
//! followed, and no error contains the form or the token that was sent.

use std::error::Error as _;

use reqwest::{Client, RequestBuilder, Response, Url, redirect::Policy};
use serde_json::Value;

use crate::{failure::Failure, settings::Settings};

/// The maximum size of an answer from the provider.
const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// An HTTP client for the requests to one provider.
#[derive(Debug, Clone)]
pub(crate) struct Fetch {
    client: Client,
}

/// The HTTP status of an answer, and its body as JSON; `Null` if the status is not 200 and the body
/// is not JSON.
pub(crate) struct Fetched {
    pub status: u16,
    pub document: Value,
}

impl Fetch {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Failure> {
        let tls = |error: &dyn std::error::Error| Failure::Tls(error.to_string());
        let trust = peer::trusting(&settings.ca_file).map_err(|error| tls(&error))?;
        let client = Client::builder()
            .use_preconfigured_tls((*trust).clone())
            .redirect(Policy::none())
            .timeout(settings.timeout)
            .no_proxy()
            // Idle connections are not kept, because requests are rare and each may run on another
            // thread.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("daybook/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { client: client.map_err(|error| tls(&error))? })
    }

    /// Returns the JSON document at `url`. Every status except 200 is an error.
    pub(crate) async fn document(&self, url: &Url) -> Result<Value, Failure> {
        success(url, self.send(url, self.client.get(url.clone())).await?)
    }

    /// Returns the JSON document at `url`, which the provider shows only with an access token.
    pub(crate) async fn document_with(&self, url: &Url, token: &str) -> Result<Value, Failure> {
        success(url, self.send(url, self.client.get(url.clone()).bearer_auth(token)).await?)
    }

    /// Sends `fields` as a form with POST. `basic` is the name and the password for HTTP Basic
    /// authentication, already encoded as RFC 6749 §2.3.1 asks.
    pub(crate) async fn form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Fetched, Failure> {
        let request = self.client.post(url.clone()).form(fields);
        let request =
            basic.into_iter().fold(request, |request, (name, password)| request.basic_auth(name, Some(password)));
        self.send(url, request).await
    }

    async fn send(&self, url: &Url, request: RequestBuilder) -> Result<Fetched, Failure> {
        let request = request.header("accept", "application/json");
        let response = request.send().await.map_err(|error| unreachable(url, error))?;
        let status = response.status().as_u16();
        let bytes = body(url, response).await?;
        let document = serde_json::from_slice(&bytes);
        // The body of an error may be a page for people instead of JSON. Then only the status is
        // returned.
        let document = if status == 200 {
            document.map_err(|_| unusable(url, "the answer is not JSON"))?
        } else {
            document.unwrap_or_default()
        };
        Ok(Fetched { status, document })
    }
}

async fn body(url: &Url, mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(url, error))? {
        if bytes.len() + chunk.len() > MAX_DOCUMENT_BYTES {
            return Err(Failure::TooMuch { url: url.to_string(), limit: MAX_DOCUMENT_BYTES });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn success(url: &Url, answer: Fetched) -> Result<Value, Failure> {
    let Fetched { status, document } = answer;
    if status == 200 { Ok(document) } else { Err(Failure::Refused { url: url.to_string(), status }) }
}

fn unreachable(url: &Url, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_timeout() {
        return Failure::Unreachable {
            url: url.to_string(),
            why: "no complete answer within openid.timeout_seconds".to_owned(),
        };
    }
    // The innermost cause says most precisely what failed.
    let (mut why, mut next) = (error.to_string(), error.source());
    while let Some(cause) = next {
        why = cause.to_string();
        next = cause.source();
    }
    Failure::Unreachable { url: url.to_string(), why }
}

pub(crate) fn unusable(url: &Url, why: impl Into<String>) -> Failure {
    Failure::Unusable { url: url.to_string(), why: why.into() }
}
