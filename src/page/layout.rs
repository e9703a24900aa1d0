//! The layout that all pages share.

use maud::{DOCTYPE, Markup, html};

use crate::{field, path};

/// The address of the server for people and programs, and its realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The URL of the server, with a slash at its end: `https://cal.example.com/`.
    pub url: String,
    /// The realm, which programs show when they ask for a password.
    pub realm: String,
}

impl Site {
    /// Returns the host of the URL, with the port if the URL has one.
    pub(crate) fn authority(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    /// Returns the path that links to a page: the path of the site's URL, followed by `path`.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", path_of(&self.url))
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.starts_with("https://")
    }
}

/// Returns the path of a URL, without a slash at its end: `/cal` for `https://example.com/cal/`.
/// Empty if the URL has no path.
pub fn path_of(url: &str) -> &str {
    let below_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    below_scheme.find('/').map_or("", |slash| &below_scheme[slash..]).trim_end_matches('/')
}

/// The result of the form that the person sent last, as a text for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The form was carried out. Holds the text for the person.
    Done(String),
    /// The form was refused. Holds the reason, for the person.
    Refused(String),
}

/// An entry of the navigation: its link, and its text.
pub(crate) type Place<'a> = (&'a str, &'a str);

/// The parts of a page around its main content.
pub(crate) struct Frame<'a> {
    pub site: &'a Site,
    pub title: &'a str,
    /// The entries of the navigation; empty: the page has no navigation.
    pub places: &'a [Place<'a>],
    /// The markup at the right of the header, about the person who is logged in.
    pub person: Markup,
    pub notice: Option<&'a Notice>,
}

/// Returns the HTML of a page: the common layout around `main`.
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

/// A builder of the forms of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forms<'a> {
    pub site: &'a Site,
    /// The secret token that every form contains. It proves that a page of this server contained
    /// the form.
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

/// Returns a link back to the first page.
pub(crate) fn back(site: &Site) -> Markup {
    html! { p { a href=(site.link(path::HOME)) { "Back to the start" } } }
}

/// Returns the page for a request that failed. `why`: the reason, as a text for the person.
pub fn failure(site: &Site, why: &str) -> String {
    let frame = Frame { site, title: "This did not work", places: &[], person: html! {}, notice: None };
    page(&frame, &html! { p .notice .refused role="alert" { (why) } (back(site)) })
}
