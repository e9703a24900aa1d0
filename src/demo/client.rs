//! A minimal CalDAV client for one person, which prints its requests.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dav::{name::DAV, xml};
use reqwest::{self, Method, StatusCode, header::HeaderMap};

use crate::people::Person;

/// The maximum time for a response.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Client {
    pub person: Person,
    http: reqwest::Client,
    url: String,
}

/// The headers and the body of a request.
#[derive(Debug, Default)]
pub(crate) struct Sent<'a> {
    pub body: String,
    pub headers: &'a [(&'static str, String)],
}

#[derive(Debug)]
pub(crate) struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// A calendar object resource that was read with GET.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub path: String,
    pub ics: String,
    pub schedule_tag: Option<String>,
}

impl Client {
    pub(crate) fn new(person: Person, url: &str) -> Result<Self> {
        let agent = format!("daybook-demo ({})", person.name);
        let http = reqwest::Client::builder().user_agent(agent).timeout(PATIENCE).build()?;
        Ok(Self { person, http, url: url.to_owned() })
    }

    pub(crate) fn calendar(&self) -> String {
        format!("/calendars/{}/calendar/", self.person.id)
    }

    pub(crate) fn inbox(&self) -> String {
        format!("/calendars/{}/inbox/", self.person.id)
    }

    /// Sends a request and prints it with the status of the answer. An error comes back unless the
    /// status is `expected`.
    pub(crate) async fn act(&self, method: Method, path: &str, sent: Sent<'_>, expected: u16) -> Result<Response> {
        let told: Vec<_> = sent.headers.iter().map(|(name, value)| format!("  {name}: {value}")).collect();
        let line = format!("{method} {path}{}", told.concat());
        let answer = self.send(method, path, sent).await?;
        println!("   {:<6}> {line}", self.person.id);
        println!("   {:<6}< {}", "", answer.status);
        ensure!(
            answer.status.as_u16() == expected,
            "{line}: expected the status {expected}, got {}: {}",
            answer.status,
            answer.body
        );
        Ok(answer)
    }

    async fn send(&self, method: Method, path: &str, sent: Sent<'_>) -> Result<Response> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.url));
        request = request.basic_auth(self.person.id, Some(self.person.id)).body(sent.body);
        for (name, value) in sent.headers {
            request = request.header(*name, value);
        }
        let response = request.send().await.with_context(|| format!("{method} {path}"))?;
        answer(response).await
    }

    /// Reads a resource without printing the request.
    pub(crate) async fn get(&self, path: &str) -> Result<Resource> {
        let answer = self.send(Method::GET, path, Sent::default()).await?;
        ensure!(answer.status == StatusCode::OK, "GET {path}: expected the status 200, got {}", answer.status);
        let schedule_tag = answer.headers.get("schedule-tag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        Ok(Resource { path: path.to_owned(), ics: answer.body, schedule_tag })
    }

    /// Reads all resources of a collection: one PROPFIND with `Depth: 1`, then a GET of each
    /// member.
    pub(crate) async fn everything(&self, collection: &str) -> Result<Vec<Resource>> {
        let method = Method::from_bytes(b"PROPFIND")?;
        let body = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>".to_owned();
        let headers = &[("Depth", "1".to_owned()), ("Content-Type", "application/xml".to_owned())];
        let answer = self.send(method, collection, Sent { body, headers }).await?;
        ensure!(
            answer.status == StatusCode::MULTI_STATUS,
            "PROPFIND {collection}: expected the status 207, got {}",
            answer.status
        );
        let multistatus = xml::parse(answer.body.as_bytes(), &xml::Limits::default())
            .with_context(|| format!("PROPFIND {collection}"))?;
        let hrefs = multistatus.named(DAV, "response").filter_map(|response| response.dav("href"));
        let mut resources = vec![];
        for href in hrefs.map(|href| href.text().trim().to_owned()).filter(|href| href != collection) {
            resources.push(self.get(&href).await?);
        }
        Ok(resources)
    }
}

async fn answer(response: reqwest::Response) -> Result<Response> {
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Response { status, headers, body: response.text().await? })
}
