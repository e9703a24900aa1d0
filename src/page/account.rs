//! The page of somebody who has logged in.

use maud::{Markup, html};

use crate::{
    clients::{self, Who},
    field,
    layout::{Forms, Frame, Notice, Site, page},
    path,
    shares::{self, Given, Received},
};

/// Everything that the page shows.
#[derive(Debug)]
pub struct Account<'a> {
    /// Of the forms.
    pub token: &'a str,
    /// The name of the account.
    pub login: &'a str,
    /// The name that people see.
    pub display_name: &'a str,
    /// One's own.
    pub calendars: Vec<Calendar>,
    /// What one shares.
    pub given: Vec<Given>,
    /// What others share.
    pub received: Vec<Received>,
    /// The app passwords.
    pub devices: Vec<Device>,
    /// An app password that was just made: its name, and the password as people type it.
    pub made: Option<(String, String)>,
    /// Whether this server keeps the password. If not, the person changes it elsewhere.
    pub has_password: bool,
    /// What became of the last request.
    pub notice: Option<&'a Notice>,
}

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The value of the field in forms.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// Its address.
    pub url: String,
    /// As clients write it: `#rrggbb` or `#rrggbbaa`.
    pub color: Option<String>,
    /// Whether invitations arrive there.
    pub receives_invitations: bool,
}

/// An app password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What it was called.
    pub name: String,
    /// When it was made, in words.
    pub made: String,
    /// When it was last used, in words; `None`: never.
    pub last_used: Option<String>,
}

/// Returns the page of somebody who has logged in.
pub fn account(site: &Site, account: &Account<'_>) -> String {
    let forms = Forms { site, token: account.token };
    let places = [
        ("#calendars", "Calendars"),
        ("#shares", "Shares"),
        ("#devices", "Devices"),
        ("#password", "Password"),
        ("#programs", "Set up a program"),
    ];
    let person = html! {
        div .person {
            span { "Logged in as " strong { (account.login) } }
            (forms.to(path::LOGOUT, &html! { button .quiet type="submit" { "Log out" } }))
        }
    };
    let frame = Frame { site, title: account.display_name, places: &places, person, notice: account.notice };
    let main = html! {
        (calendars(&account.calendars))
        (shares::section(forms, &account.calendars, &account.given, &account.received))
        (devices(forms, account))
        (password(forms, account))
        (clients::programs(site, &Who::Person(account.login)))
    };
    page(&frame, &main)
}

fn calendars(calendars: &[Calendar]) -> Markup {
    html! {
        section aria-labelledby="calendars" {
            h2 id="calendars" { "Calendars" }
            ul .rows {
                @for calendar in calendars {
                    li {
                        (swatch(calendar.color.as_deref()))
                        div {
                            strong { (calendar.name) }
                            @if calendar.receives_invitations { span .hint { " receives invitations" } }
                            br;
                            code { (calendar.url) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns a square of a colour. An attribute of the drawing, for styles inside the page are
/// forbidden.
pub(crate) fn swatch(color: Option<&str>) -> Markup {
    let color = color.filter(|color| is_color(color)).map(|color| &color[..7]);
    html! {
        svg .swatch viewBox="0 0 16 16" aria-hidden="true" focusable="false" {
            @match color {
                Some(color) => rect width="16" height="16" rx="4" fill=(color) {},
                None => rect width="15" height="15" x="0.5" y="0.5" rx="4" fill="none" stroke="currentColor" {},
            }
        }
    }
}

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn devices(forms: Forms<'_>, account: &Account<'_>) -> Markup {
    let make = html! {
        label for="device" { "Name of the device, for example “Telephone”" }
        input id="device" name=(field::NAME) type="text" maxlength="100" autocomplete="off" required;
        button type="submit" { "Make an app password" }
    };
    html! {
        section aria-labelledby="devices" {
            h2 id="devices" { "Devices" }
            p {
                "An app password opens your calendars in one program. If a device is lost, revoke its password: all others go on "
                "working."
            }
            @if let Some((name, secret)) = &account.made {
                div .notice role="status" {
                    p { "The app password for “" (name) "” is shown this once. Type it into the program now:" }
                    p .secret { code { (secret) } }
                }
            }
            @if account.devices.is_empty() { p { "You have no app passwords yet." } }
            ul .rows {
                @for device in &account.devices {
                    li {
                        div {
                            strong { (device.name) }
                            br;
                            span .hint {
                                "made " (device.made) " · "
                                @match &device.last_used { Some(when) => { "last used " (when) }, None => "never used" }
                            }
                        }
                        (forms.to(path::REVOKE_DEVICE, &html! {
                            input type="hidden" name=(field::NAME) value=(device.name);
                            button .quiet type="submit" aria-label={ "Revoke the app password " (device.name) } { "Revoke" }
                        }))
                    }
                }
            }
            (forms.to(path::MAKE_DEVICE, &make))
        }
    }
}

fn password(forms: Forms<'_>, account: &Account<'_>) -> Markup {
    let inside = html! {
        // For password managers.
        input type="text" name="username" value=(account.login) autocomplete="username" hidden;
        label for="current" { "Current password" }
        input id="current" name=(field::PASSWORD) type="password" autocomplete="current-password" required;
        label for="new" { "New password" }
        input id="new" name=(field::NEW_PASSWORD) type="password" autocomplete="new-password" minlength="8"
            aria-describedby="rule" required;
        label for="again" { "New password again" }
        input id="again" name=(field::REPEATED) type="password" autocomplete="new-password" minlength="8" required;
        p .hint id="rule" { "At least 8 characters. A sentence that only you know is good." }
        button type="submit" { "Change the password" }
    };
    html! {
        section aria-labelledby="password" {
            h2 id="password" { "Password" }
            @if account.has_password {
                p { "Whoever is logged in with the old one on another page is logged out. App passwords stay." }
                (forms.to(path::CHANGE_PASSWORD, &inside))
            } @else {
                p { "Your password is kept by another system of your organisation, and is changed there." }
            }
        }
    }
}
