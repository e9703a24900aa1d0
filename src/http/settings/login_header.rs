//! The header by which a reverse proxy names the person who has logged in at the proxy.

use std::{fmt, str::FromStr};

use actix_web::http::header::HeaderName;

/// Headers that already have another meaning, and therefore cannot be chosen as the login header.
const TAKEN: [&str; 8] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "forwarded",
    "host",
    "transfer-encoding",
    "x-forwarded-for",
];

/// The name of the login header. Empty: proxies name no person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoginHeader(pub(crate) Option<HeaderName>);

impl FromStr for LoginHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        match HeaderName::from_bytes(text.as_bytes()) {
            Ok(name) if TAKEN.contains(&name.as_str()) => {
                Err(format!("the header `{name}` already has another meaning in HTTP; choose another name"))
            }
            Ok(name) => Ok(Self(Some(name))),
            Err(_) => Err(format!("`{text}` cannot be the name of a header; write a name such as X-Remote-User")),
        }
    }
}

impl fmt::Display for LoginHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().map_or("", HeaderName::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_another_meaning_names_nobody() {
        let read = |text: &str| text.parse::<LoginHeader>().map(|header| header.to_string());
        assert_eq!(read("X-Remote-User"), Ok("x-remote-user".to_owned()));
        assert_eq!(read(""), Ok(String::new()));
        assert_eq!(
            read("Authorization"),
            Err("the header `authorization` already has another meaning in HTTP; choose another name".to_owned())
        );
        assert!(read("X Remote").is_err());
    }
}
