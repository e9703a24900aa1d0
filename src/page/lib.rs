//! The web pages for people, as HTML, such as the login page and the account page of one person.
//!
//! **Invariant:** this crate does no I/O. Each page is a function from values to text. Pages work
//! without scripts, and contain neither scripts nor inline styles, so that the
//! Content-Security-Policy of `http` can forbid both. Texts that people wrote are escaped: by
//! `maud`, and in the configuration profile by [`mobile_config()`].
//!
//! [`layout`] is the layout of every page: header, navigation, notice, footer. To add a page, write
//! a function like [`welcome()`] or [`account()`] that uses it.

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
    /// The account page for a person who has logged in; the login page for everybody else.
    pub const HOME: &str = "/";
    /// The path prefix of all other pages.
    pub const TREE: &str = "/account/";
    /// The style sheet.
    pub const STYLE: &str = "/account/style.css";
    /// The configuration profile for Apple's programs.
    pub const PROFILE: &str = "/account/daybook.mobileconfig";
    /// The path of the form that logs in, with the fields [`super::field::NAME`],
    /// [`super::field::PASSWORD`].
    pub const LOGIN: &str = "/account/login";
    /// The page that redirects to the OpenID Connect provider, where people log in.
    pub const PROVIDER: &str = "/account/openid/begin";
    /// The path to which the provider sends the browser back.
    pub const FROM_PROVIDER: &str = "/account/openid";
    /// The page after the logout of a person who had logged in at the provider. It exists only if
    /// the server uses a provider.
    pub const LOGGED_OUT: &str = "/account/logged-out";
    /// The form that logs out.
    pub const LOGOUT: &str = "/account/logout";
    /// The path of the form that creates an app password, with the field [`super::field::NAME`].
    pub const MAKE_DEVICE: &str = "/account/devices/make";
    /// The path of the form that revokes an app password, with the field [`super::field::NAME`].
    pub const REVOKE_DEVICE: &str = "/account/devices/revoke";
    /// The path of the form that changes the password, with the fields [`super::field::PASSWORD`],
    /// [`super::field::NEW_PASSWORD`], [`super::field::REPEATED`].
    pub const CHANGE_PASSWORD: &str = "/account/password";
    /// The path of the form that gives a share, with the fields [`super::field::PERSON`],
    /// [`super::field::CALENDAR`], [`super::field::LEVEL`], [`super::field::SENDS`].
    pub const GIVE_SHARE: &str = "/account/shares/give";
    /// The path of the form that withdraws a share, with the fields [`super::field::PERSON`],
    /// [`super::field::CALENDAR`].
    pub const WITHDRAW_SHARE: &str = "/account/shares/withdraw";
    /// The path of the form that adds another person's calendar to the person's own, with the field
    /// [`super::field::SHARE`].
    pub const ACCEPT_SHARE: &str = "/account/shares/accept";
    /// The path of the form that declines another person's calendar, or removes one that was
    /// accepted, with the field [`super::field::SHARE`].
    pub const DECLINE_SHARE: &str = "/account/shares/decline";
}

/// The names of the fields in forms.
pub mod field {
    /// The secret token, which proves that a page of this server contained the form.
    pub const TOKEN: &str = "token";
    /// A login name or mail address, or the name of an app password.
    pub const NAME: &str = "name";
    /// The present password.
    pub const PASSWORD: &str = "password";
    /// A new password.
    pub const NEW_PASSWORD: &str = "new-password";
    /// The new password, typed a second time.
    pub const REPEATED: &str = "repeated";
    /// The login name or address of another person, or the name of a group.
    pub const PERSON: &str = "person";
    /// The id of a calendar; empty: all calendars.
    pub const CALENDAR: &str = "calendar";
    /// The name of the level of a share.
    pub const LEVEL: &str = "level";
    /// The id of the share by which another person's calendar is offered.
    pub const SHARE: &str = "share";
    /// Present if the sharee may send messages in the owner's name.
    pub const SENDS: &str = "sends";
}

#[cfg(test)]
mod tests;
