//! Instructions for the setup of each calendar program.

use maud::{Markup, html};

use crate::{
    layout::Site,
    path,
    programs::{PROGRAMS, Step},
};

/// The reader for whom the settings of calendar programs are shown.
pub(crate) enum Who<'a> {
    Anybody,
    /// A person with this login name.
    Person(&'a str),
}

/// Returns the section with the settings for all calendar programs.
pub(crate) fn programs(site: &Site, who: &Who<'_>) -> Markup {
    html! {
        section aria-labelledby="programs" {
            h2 id="programs" { "Set up a program" }
            p { "Every program asks for the same three things:" }
            dl .settings {
                dt { "Server" } dd { code { (site.url) } }
                dt { "User name" }
                dd {
                    @match who {
                        Who::Person(login) => code { (login) },
                        Who::Anybody => "your login name, or one of your mail addresses",
                    }
                }
                dt { "Password" } dd { "best an app password for each device; you make them on this page when you are logged in" }
            }
            @for program in PROGRAMS {
                details {
                    summary { (program.name) }
                    ol { @for step in program.steps { li { (step_of(*step, site)) } } }
                    @if let Some(shared) = program.shared { p { (shared) } }
                }
            }
        }
    }
}

fn step_of(step: Step, site: &Site) -> Markup {
    match step {
        Step::Text(text) => html! { (text) },
        Step::Url(before) => html! { (before) " " code { (site.url) } },
        Step::Host(before) => html! { (before) " " code { (site.authority()) } },
        Step::Profile => html! {
            "Open " a href=(site.link(path::PROFILE)) download { "this profile" }
            " on the device, and confirm it in the settings. The device asks for the password."
        },
    }
}
