//! The steps of the setup in each calendar program. The texts use the English names of the
//! programs' menus.

/// A calendar program, with the steps of its setup.
pub(crate) struct Program {
    pub name: &'static str,
    pub steps: &'static [Step],
    /// The text that says how the program shows shared calendars; `None`: there is nothing to say.
    pub shared: Option<&'static str>,
}

/// A step of the setup of a program.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Text(&'static str),
    /// A text, followed by the URL of the server.
    Url(&'static str),
    /// A text, followed by the host of the server, with the port if the URL has one.
    Host(&'static str),
    /// A link to the configuration profile for Apple's programs.
    Profile,
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        name: "Thunderbird",
        steps: &[
            Step::Text("Choose New, Calendar, On the Network."),
            Step::Url("Enter your user name and the location"),
            Step::Text("Choose Find Calendars, enter the password, and tick the calendars you want."),
        ],
        shared: Some("Calendars that others share with you appear in the same list."),
    },
    Program {
        name: "iPhone, iPad, Mac",
        steps: &[Step::Profile, Step::Host("Or choose Add Account, Other, CalDAV, and enter the server")],
        shared: Some(
            "If somebody made you their delegate for all calendars, you find them under Delegation (Mac) in the settings of the \
             account. A single shared calendar appears in the list once you have added it to your calendars on your page.",
        ),
    },
    Program {
        name: "Android: DAVx5",
        steps: &[
            Step::Text("Choose Add account, Login with URL and user name."),
            Step::Url("Enter the base URL"),
            Step::Text("Tick the calendars you want, and allow synchronization."),
        ],
        shared: Some("Calendars that others share with you appear in the same list."),
    },
    Program {
        name: "GNOME: Evolution and Calendar",
        steps: &[
            Step::Text("In Evolution choose New, Calendar, and the type CalDAV."),
            Step::Url("Enter the URL"),
            Step::Text("Choose Find Calendars, and enter your user name and the password."),
        ],
        shared: Some(
            "A calendar that others share with you appears in the same list once you have added it to your calendars on your \
             page. You can also add it by its address, which your page shows.",
        ),
    },
    Program {
        name: "Windows: Outlook with CalDav Synchronizer",
        steps: &[
            Step::Text("Add a profile of the type Generic CalDAV/CardDAV."),
            Step::Url("Enter the DAV URL"),
            Step::Text("Enter user name and password, choose Test or discover settings, and pick a calendar."),
        ],
        shared: Some(
            "A calendar that others share with you appears in the same list once you have added it to your calendars on your \
             page. You can also add it by its address, which your page shows.",
        ),
    },
];
