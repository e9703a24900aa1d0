//! The login page.

use maud::html;

use crate::{
    clients::{self, Who},
    elsewhere, field,
    layout::{Forms, Frame, Notice, Site, page},
    path,
};

/// Returns the login page: what this server is, how to log in, and how to set up programs.
///
/// `token` is the token of the login form. `name` is the name that the person typed before; empty
/// if there is none. `provider` is the name of the OpenID Connect provider, if there is one.
pub fn welcome(site: &Site, token: &str, notice: Option<&Notice>, name: &str, provider: Option<&str>) -> String {
    let places = [("#login", "Log in"), ("#programs", "Set up a program")];
    let title = format!("Calendars on {}", site.authority());
    let frame = Frame { site, title: &title, places: &places, person: html! {}, notice };
    let inside = html! {
        label for="name" { "Name or mail address" }
        input id="name" name=(field::NAME) type="text" value=(name) autocomplete="username" autocapitalize="none"
            spellcheck="false" required;
        label for="password" { "Password" }
        input id="password" name=(field::PASSWORD) type="password" autocomplete="current-password" required;
        button type="submit" { "Log in" }
    };
    let main = html! {
        p .lead {
            "This server keeps calendars and sends invitations for the people who have an account here. You work with it in your "
            "own calendar program, on the telephone or the computer. On this page you see your calendars, share them, and give each "
            "device a password of its own."
        }
        @if !site.is_encrypted() {
            p .notice .refused role="note" {
                "This connection is not encrypted: others in the network can read what is sent. Ask the people who \
                 run this server for "
                "its address with https."
            }
        }
        section aria-labelledby="login" {
            h2 id="login" { "Log in" }
            @if let Some(provider) = provider { (elsewhere::way(site, provider)) }
            (Forms { site, token }.to(path::LOGIN, &inside))
            p .hint { "If you do not know your password, ask the people who run this server. App passwords open calendars \
                in programs, not this page." }
        }
        (clients::programs(site, &Who::Anybody))
    };
    page(&frame, &main)
}
