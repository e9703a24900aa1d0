//! The link of the login page and the pages about logins at an OpenID Connect provider.

use maud::{Markup, html};

use crate::{
    layout::{Frame, Site, back, page},
    path,
};

/// Returns the link of the login page by which people log in at the OpenID Connect provider.
pub(crate) fn way(site: &Site, provider: &str) -> Markup {
    html! { p { a .button href=(site.link(path::PROVIDER)) { "Log in with " (provider) } } }
}

/// Returns the page for a person who has logged in at the provider with a name or address that no
/// active account of this server has.
///
/// `account` is the name that the provider sent. `logout` is the provider's logout URL; `None`: it
/// has none, or this server does not know it yet.
pub fn unknown_person(site: &Site, provider: &str, account: &str, logout: Option<&str>) -> String {
    let frame =
        Frame { site, title: "There is no active account for this login", places: &[], person: html! {}, notice: None };
    let main = html! {
        p .notice .refused role="alert" {
            (provider) " knows you as “" (account) "”. This server has no active account with that name or address."
        }
        p { "Ask the people who run this server for an account, and tell them this name. If you have an account \
            under another name, log in again with it." }
        (other_login(site, provider, logout))
    };
    page(&frame, &main)
}

/// Returns the page for a person who had logged in at the provider, and has logged out of this
/// server. `logout` is the provider's logout URL; `None`: it has none, or this server does not know
/// it yet.
pub fn logged_out(site: &Site, provider: &str, logout: Option<&str>) -> String {
    let frame = Frame { site, title: "You are logged out here", places: &[], person: html! {}, notice: None };
    let main = html! {
        p role="status" {
            "You may still be logged in at " (provider) ". Somebody who uses this browser after you could then log \
             in here without a password."
        }
        (other_login(site, provider, logout))
    };
    page(&frame, &main)
}

fn other_login(site: &Site, provider: &str, logout: Option<&str>) -> Markup {
    html! {
        @if let Some(logout) = logout {
            p { a .button href=(logout) { "Log out of " (provider) } }
        }
        (back(site))
    }
}
