//! The section about shares on the account page.

use maud::{Markup, html};

use crate::{
    account::{Calendar, swatch},
    field,
    layout::Forms,
    path,
};

/// A share that the person has given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The short name of the sharee, who may be a group, as forms send it.
    pub to: String,
    /// The sharee's display name.
    pub name: String,
    /// The id of the shared calendar; `None`: all calendars are shared.
    pub calendar: Option<String>,
    /// The calendar that is shared, or all calendars, as text.
    pub what: String,
    /// The rights of the sharee, as text.
    pub may: String,
}

/// A share that the person has received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The owner's display name.
    pub owner: String,
    /// The calendar that is shared, or all calendars, as text.
    pub what: String,
    /// The rights of the person, as text.
    pub may: String,
    /// The URL of the shared calendar (in the person's home, if they have added it there), or of
    /// the owner's home if all calendars are shared.
    pub url: String,
    /// The calendar's color, as clients set it; `None` without a color.
    pub color: Option<String>,
    /// The state of the invitation to a single calendar. `None` if the calendar cannot be added to
    /// the person's own calendars.
    pub offered: Option<Offered>,
}

/// The state of an invitation to another person's calendar. Holds the share's id, as forms send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// The invitation is not answered yet.
    Waiting(String),
    /// The invitation was declined, or the calendar was removed later.
    Declined(String),
    /// The calendar is among the person's own calendars.
    Accepted(String),
}

/// The levels of a share in the form: the value, and the text.
const LEVELS: [(&str, &str); 3] = [
    ("free-busy", "see when I am busy"),
    ("read", "read everything"),
    ("write", "read everything, and add, change and remove"),
];

pub(crate) fn section(forms: Forms<'_>, calendars: &[Calendar], given: &[Given], received: &[Received]) -> Markup {
    html! {
        section aria-labelledby="shares" {
            h2 id="shares" { "Shares" }
            h3 { "Shared with me" }
            @if received.is_empty() { p { "Nobody shares a calendar with you or with a group of yours." } }
            ul .rows { @for share in received { (shown(forms, share)) } }
            h3 { "Shared by me" }
            @if given.is_empty() { p { "You share no calendar with a person or a group." } }
            ul .rows { @for share in given { (withdrawable(forms, share)) } }
            h3 { "Share a calendar" }
            (forms.to(path::GIVE_SHARE, &give(calendars)))
        }
    }
}

fn shown(forms: Forms<'_>, share: &Received) -> Markup {
    html! {
        li {
            (swatch(share.color.as_deref()))
            div {
                strong { (share.what) } " of " (share.owner)
                br;
                span .hint { "you " (share.may) }
                br;
                code { (share.url) }
            }
            @match &share.offered {
                Some(Offered::Waiting(id)) => {
                    (answer(forms, share, (path::ACCEPT_SHARE, id), "Add to my calendars"))
                    (answer(forms, share, (path::DECLINE_SHARE, id), "Decline"))
                }
                Some(Offered::Declined(id)) => (answer(forms, share, (path::ACCEPT_SHARE, id), "Add to my calendars")),
                Some(Offered::Accepted(id)) => (answer(forms, share, (path::DECLINE_SHARE, id), "Remove from my \
                    calendars")),
                None => {}
            }
        }
    }
}

/// Returns the form with the button that answers an invitation. `path` receives the form, `id` is
/// the share's id, and `words` stand on the button.
fn answer(forms: Forms<'_>, share: &Received, (path, id): (&'static str, &str), words: &str) -> Markup {
    forms.to(
        path,
        &html! {
            input type="hidden" name=(field::SHARE) value=(id);
            button .quiet type="submit" aria-label={ (words) ": " (share.what) " of " (share.owner) } { (words) }
        },
    )
}

fn withdrawable(forms: Forms<'_>, share: &Given) -> Markup {
    html! {
        li {
            div {
                strong { (share.what) } " with " (share.name)
                br;
                span .hint { "they " (share.may) }
            }
            (forms.to(path::WITHDRAW_SHARE, &html! {
                input type="hidden" name=(field::PERSON) value=(share.to);
                input type="hidden" name=(field::CALENDAR) value=(share.calendar.as_deref().unwrap_or_default());
                button .quiet type="submit" aria-label={ "Withdraw " (share.what) " from " (share.name) } { "Withdraw" }
            }))
        }
    }
}

fn give(calendars: &[Calendar]) -> Markup {
    html! {
        label for="share-calendar" { "Calendar" }
        select id="share-calendar" name=(field::CALENDAR) {
            @for calendar in calendars { option value=(calendar.id) { (calendar.name) } }
            option value="" { "All my calendars (a delegate)" }
        }
        label for="share-person" { "With whom: a name, a mail address, or a group" }
        input id="share-person" name=(field::PERSON) type="text" autocomplete="off" autocapitalize="none" spellcheck="false"
            required;
        fieldset {
            legend { "What this person or group may do" }
            @for (value, words) in LEVELS {
                label .choice {
                    input type="radio" name=(field::LEVEL) value=(value) checked[value == "read"];
                    " " (words)
                }
            }
            label .choice {
                input type="checkbox" name=(field::SENDS) value="yes";
                " send invitations and answers in my name, from every calendar that they may change"
            }
        }
        button type="submit" { "Share" }
    }
}
