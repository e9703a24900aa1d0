//! The pages for people, as HTML: what this server is, and what belongs to one person.
//!
//! **Invariant:** pure. Each page is a function from values to text, works without scripts, and has
//! neither scripts nor styles inside, so that the Content-Security-Policy of `http` can forbid
//! both. Everything that people wrote is escaped by `maud`.
//!
//! [`layout`] is the frame of every page: header, navigation, notice, footer. Another page is a
//! function beside [`welcome()`] and [`account()`] that fills it.

mod account;
mod clients;
mod elsewhere;
mod layout;
mod mobile_config;
mod programs;
mod shares;
mod welcome;

pub use account::{Account, Calendar, Device, account};
pub use elsewhere::{logged_out, unknown_person};
pub use layout::{Notice, Site, failure, path_of};
pub use mobile_config::mobile_config;
pub use shares::{Given, Offered, Received};
pub use welcome::welcome;

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("style.css");

/// The paths of the pages and forms.
pub mod path {
    /// The page of a person who has logged in. Everybody else sees what this server is.
    pub const HOME: &str = "/";
    /// The folder of all other pages.
    pub const TREE: &str = "/account/";
    /// The style sheet.
    pub const STYLE: &str = "/account/style.css";
    /// The profile for Apple's programs.
    pub const PROFILE: &str = "/account/daybook.mobileconfig";
    /// Logs in: [`super::field::NAME`], [`super::field::PASSWORD`].
    pub const LOGIN: &str = "/account/login";
    /// Leads to the provider of the organisation, where people log in.
    pub const PROVIDER: &str = "/account/openid/begin";
    /// To which the provider sends them back.
    pub const FROM_PROVIDER: &str = "/account/openid";
    /// Tells somebody who had logged in at the provider that they have logged out here.
    pub const LOGGED_OUT: &str = "/account/logged-out";
    /// Logs out.
    pub const LOGOUT: &str = "/account/logout";
    /// Makes an app password: [`super::field::NAME`].
    pub const MAKE_DEVICE: &str = "/account/devices/make";
    /// Revokes an app password: [`super::field::NAME`].
    pub const REVOKE_DEVICE: &str = "/account/devices/revoke";
    /// Changes the password: [`super::field::PASSWORD`], [`super::field::NEW_PASSWORD`],
    /// [`super::field::REPEATED`].
    pub const CHANGE_PASSWORD: &str = "/account/password";
    /// Gives a share: [`super::field::PERSON`], [`super::field::CALENDAR`],
    /// [`super::field::LEVEL`], [`super::field::SENDS`].
    pub const GIVE_SHARE: &str = "/account/shares/give";
    /// Withdraws a share: [`super::field::PERSON`], [`super::field::CALENDAR`].
    pub const WITHDRAW_SHARE: &str = "/account/shares/withdraw";
    /// Puts a calendar of somebody else among one's own: [`super::field::SHARE`].
    pub const ACCEPT_SHARE: &str = "/account/shares/accept";
    /// Takes it out again, or declines it: [`super::field::SHARE`].
    pub const DECLINE_SHARE: &str = "/account/shares/decline";
}

/// The names of the fields in forms.
pub mod field {
    /// Shows that the form comes from a page of this server.
    pub const TOKEN: &str = "token";
    /// A login, or the name of an app password.
    pub const NAME: &str = "name";
    /// The password in force.
    pub const PASSWORD: &str = "password";
    /// A new password.
    pub const NEW_PASSWORD: &str = "new-password";
    /// The new password, typed again.
    pub const REPEATED: &str = "repeated";
    /// A login or an address of another person, or the name of a group.
    pub const PERSON: &str = "person";
    /// The id of a calendar; empty: all calendars.
    pub const CALENDAR: &str = "calendar";
    /// The name of a level.
    pub const LEVEL: &str = "level";
    /// The id of what one is offered.
    pub const SHARE: &str = "share";
    /// Present: they send in the owner's name.
    pub const SENDS: &str = "sends";
}

#[cfg(test)]
mod tests;
