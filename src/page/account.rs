//! The account page of a person who has logged in.

use maud::{Markup, html};

use crate::{
    clients::{self, Who},
    field,
    layout::{Forms, Frame, Notice, Site, page},
    path,
    shares::{self, Given, Received},
};

/// The data that the account page shows.
#[derive(Debug)]
pub struct Account<'a> {
    /// The secret token that every form contains.
    pub token: &'a str,
    /// The login name of the account.
    pub login: &'a str,
    /// The display name of the person.
    pub display_name: &'a str,
    /// The person's own calendars.
    pub calendars: Vec<Calendar>,
    /// The shares that the person has given to others.
    pub given: Vec<Given>,
    /// The shares that the person has received from others.
    pub received: Vec<Received>,
    /// The person's app passwords.
    pub devices: Vec<Device>,
    /// An app password that was just created: its name, and its text in the form in which people
    /// type it. `None`: none was just created.
    pub made: Option<(String, String)>,
    /// True if this server stores the person's password. Otherwise the page says that the password
    /// belongs to another system.
    pub has_password: bool,
    /// The result of the form that the person sent last; `None`: there is none to show.
    pub notice: Option<&'a Notice>,
}

/// A calendar of the person, as the account page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The calendar's id, as forms send it.
    pub id: String,
    /// The calendar's display name.
    pub name: String,
    /// The calendar's URL.
    pub url: String,
    /// The calendar's color as clients set it, usually `#rrggbb` or `#rrggbbaa`; `None` without a
    /// color.
    pub color: Option<String>,
    /// True if the calendar receives invitations.
    pub receives_invitations: bool,
}

/// An app password, as the account page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The name that the person gave to the app password.
    pub name: String,
    /// The time when the app password was created, as text.
    pub made: String,
    /// The time when the app password was last used, as text; `None` if it was never used.
    pub last_used: Option<String>,
}

/// Returns the account page of a person who has logged in.
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

/// Returns a drawing of a square in a calendar's color without its alpha. The square is empty
/// unless the color is `#rrggbb` or `#rrggbbaa`. The color is an attribute of the drawing, because
/// the Content-Security-Policy forbids styles inside the page.
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
            @if account.devices.is_empty() { p { "You have no app passwords." } }
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
        // The hidden field tells password managers which account the form changes.
        input type="text" name="username" value=(account.login) autocomplete="username" hidden;
        label for="current" { "Current password" }
        input id="current" name=(field::PASSWORD) type="password" autocomplete="current-password" required;
        label for="new" { "New password" }
        input id="new" name=(field::NEW_PASSWORD) type="password" autocomplete="new-password" minlength="8"
            aria-describedby="rule" required;
        label for="again" { "New password again" }
        input id="again" name=(field::REPEATED) type="password" autocomplete="new-password" minlength="8" required;
        p .hint id="rule" { "At least 8 characters. A sentence that only you know makes a good password." }
        button type="submit" { "Change the password" }
    };
    html! {
        section aria-labelledby="password" {
            h2 id="password" { "Password" }
            @if account.has_password {
                p { "Other browsers that are logged in with the old password are logged out. App passwords stay \
                    valid." }
                (forms.to(path::CHANGE_PASSWORD, &inside))
            } @else {
                p { "Your password belongs to another system of your organisation. Change it there." }
            }
        }
    }
}
