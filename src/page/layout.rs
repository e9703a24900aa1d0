//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

use crate::{field, path};

/// The server, as people and programs reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// With a slash at its end: `https://cal.example.com/`.
    pub url: String,
    /// The name that programs show when they ask for a password.
    pub realm: String,
}

impl Site {
    /// Returns the host, and the port if the address has one.
    pub(crate) fn authority(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    /// Returns the address of a page on this site: its path, below that of the site.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", path_of(&self.url))
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.starts_with("https://")
    }
}

/// Returns the path of an address, without a slash at its end: `/cal` of
/// `https://example.com/cal/`; empty: it has none.
pub fn path_of(url: &str) -> &str {
    let below_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    below_scheme.find('/').map_or("", |slash| &below_scheme[slash..]).trim_end_matches('/')
}

/// What became of the last request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It was done.
    Done(String),
    /// It was not done: why, and what to do.
    Refused(String),
}

/// A place in the navigation: its path, and its name.
pub(crate) type Place<'a> = (&'a str, &'a str);

/// What a page says of itself.
pub(crate) struct Frame<'a> {
    pub site: &'a Site,
    pub title: &'a str,
    /// Empty: there is no navigation.
    pub places: &'a [Place<'a>],
    /// Stands at the right of the header.
    pub person: Markup,
    pub notice: Option<&'a Notice>,
}

/// Returns a whole page.
pub(crate) fn page(frame: &Frame<'_>, main: &Markup) -> String {
    let Frame { site, title, places, person, notice } = frame;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (site.realm) }
                link rel="stylesheet" href=(site.link(path::STYLE));
            }
            body {
                a .skip href="#main" { "Skip to the content" }
                header {
                    p .brand { a href=(site.link(path::HOME)) { (site.realm) } }
                    (person)
                }
                @if !places.is_empty() {
                    nav aria-label="On this page" {
                        ul { @for (href, name) in *places { li { a href=(href) { (name) } } } }
                    }
                }
                main id="main" tabindex="-1" {
                    h1 { (title) }
                    @if let Some(notice) = notice { (notice_bar(notice)) }
                    (main)
                }
                footer { p { "Daybook, a calendar server · " (site.authority()) } }
            }
        }
    };
    page.into_string()
}

fn notice_bar(notice: &Notice) -> Markup {
    match notice {
        Notice::Done(text) => html! { p .notice role="status" { (text) } },
        Notice::Refused(text) => html! { p .notice .refused role="alert" { (text) } },
    }
}

/// The forms of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forms<'a> {
    pub site: &'a Site,
    /// Shows the server that the form is its own.
    pub token: &'a str,
}

impl Forms<'_> {
    /// Returns a form that is sent to a path of the site.
    pub(crate) fn to(self, path: &str, inside: &Markup) -> Markup {
        html! {
            form method="post" action=(self.site.link(path)) accept-charset="utf-8" {
                input type="hidden" name=(field::TOKEN) value=(self.token);
                (inside)
            }
        }
    }
}

/// Returns the way back to the first page.
pub(crate) fn back(site: &Site) -> Markup {
    html! { p { a href=(site.link(path::HOME)) { "Back to the start" } } }
}

/// Returns the page of a request that failed.
pub fn failure(site: &Site, why: &str) -> String {
    let frame = Frame { site, title: "This did not work", places: &[], person: html! {}, notice: None };
    page(&frame, &html! { p .notice .refused role="alert" { (why) } (back(site)) })
}
