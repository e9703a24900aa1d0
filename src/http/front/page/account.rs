//! Collects the data for a person's account page.

use actix_web::http::StatusCode;
use chrono::DateTime;
use page::{Account, Calendar, Device, Given, Offered, Received};
use projections::{Collection, InvitationAnswer, OfferedCalendar, ReadModels};
use schemas::{
    PrincipalId, ShareId, Timestamp,
    collection::{COLOR, CollectionKind, DISPLAY_NAME, Property},
};
use service::{
    Error,
    sharing::{Level, Share},
};

use super::{Answered, Open, Request, answer};
use crate::{person::Person, resource::href};

impl Request<'_> {
    /// Returns the account page of the session's person, the login page if the account no longer
    /// exists, or a page with 503 if its data cannot be read. `made` is the name and the text of an
    /// app password that was just created.
    pub(super) async fn page_of(&self, open: Open, made: Option<(String, String)>) -> Answered {
        let Some(person) = self.person(&open.session) else {
            return Answered::to_nobody(self.welcome(StatusCode::OK, None, ""));
        };
        let response = match self.shown(&open, &person, made).await {
            Ok(page) => answer::page(StatusCode::OK, page),
            Err(error) => {
                tracing::error!(%error, request = %self.id, "answered 503: the data of the account page cannot be \
                    read");
                let why = "The server cannot read your data now. Load the page again in a minute.";
                self.failure(StatusCode::SERVICE_UNAVAILABLE, why)
            }
        };
        Answered { response, person: Some(person) }
    }

    async fn shown(&self, open: &Open, person: &Person, made: Option<(String, String)>) -> Result<String, Error> {
        let service = &self.front.state.service;
        let entry = person.entry().ok_or(service::Refusal::NotFound)?;
        let site = self.site();
        let notice = self.front.sessions.take_notice(&open.key);
        let default = service.default_calendar(person.id)?.map(|calendar| calendar.id);
        let home = service.models().home(person.id)?.into_iter().filter(|found| found.kind == CollectionKind::Calendar);
        let calendars = home.map(|calendar| Calendar {
            id: calendar.id.to_string(),
            name: shown_name(&calendar),
            url: url(&site.url, &entry.short_name, &calendar.name),
            color: color(&calendar),
            receives_invitations: default == Some(calendar.id),
        });
        let given = service.shares_of(person.id)?.into_iter().filter_map(|share| given(person, &share));
        let received = service.shared_with(&person.identities)?.into_iter();
        let received = received.filter_map(|share| received_share(person, service.models(), &share, &site.url));
        let devices = service.app_passwords(person.id).await?.into_iter().map(|device| Device {
            name: device.name,
            made: day(device.created_at),
            last_used: device.last_used_at.map(hour),
        });
        Ok(page::account(
            &site,
            &Account {
                token: &open.session.token,
                login: &entry.short_name,
                display_name: entry.shown_name(),
                calendars: calendars.collect(),
                given: given.collect(),
                received: received.collect(),
                devices: devices.collect(),
                made,
                has_password: service.keeps_password(entry),
                notice: notice.as_ref(),
            },
        ))
    }
}

fn given(person: &Person, share: &Share) -> Option<Given> {
    let to = person.directory.by_id(share.to)?;
    Some(Given {
        to: to.short_name.clone(),
        name: to.shown_name().to_owned(),
        calendar: (!share.is_of_home()).then(|| share.on.id.to_string()),
        what: what(share),
        may: may(share, "your"),
    })
}

fn received_share(person: &Person, models: &ReadModels, share: &Share, site: &str) -> Option<Received> {
    let owner = person.directory.by_id(share.owner)?;
    let offered = models.offered(ShareId::derive(share.on.id, person.id)).ok().flatten();
    let own = person.entry().zip(offered.as_ref().and_then(OfferedCalendar::accepted));
    let group = if share.to == person.id { String::new() } else { group(person, share.to) };
    Some(Received {
        owner: owner.shown_name().to_owned(),
        what: what(share),
        may: may(share, "their") + &group,
        url: match own {
            Some((person, accepted)) => url(site, &person.short_name, &accepted.name),
            None => url(site, &owner.short_name, &share.on.name),
        },
        color: color(&share.on),
        offered: offered.as_ref().map(standing),
    })
}

/// Returns the sharee's answer to the invitation to a shared calendar.
fn standing(offered: &OfferedCalendar) -> Offered {
    let id = offered.id.to_string();
    match offered.answer {
        InvitationAnswer::None => Offered::Waiting(id),
        InvitationAnswer::Declined => Offered::Declined(id),
        InvitationAnswer::Accepted(_) => Offered::Accepted(id),
    }
}

/// Returns the words that say through which group (`id`) a person has a share.
fn group(person: &Person, id: PrincipalId) -> String {
    let group = person.directory.by_id(id).map(|group| group.short_name.as_str()).unwrap_or_default();
    format!(" (as a member of {group})")
}

fn what(share: &Share) -> String {
    if share.is_of_home() { "All calendars".to_owned() } else { shown_name(&share.on) }
}

fn may(share: &Share, whose: &str) -> String {
    let may = match share.level {
        Level::FreeBusy => "see busy times",
        Level::Read => "read everything",
        Level::Write => "read, add, change and remove",
    };
    let sends = if share.sends && share.level == Level::Write {
        format!(", and send invitations and answers in {whose} name")
    } else {
        String::new()
    };
    format!("may {may}{sends}")
}

fn shown_name(calendar: &Collection) -> String {
    Property::text(&calendar.properties, DISPLAY_NAME).unwrap_or_else(|| calendar.name.clone())
}

fn color(calendar: &Collection) -> Option<String> {
    Property::text(&calendar.properties, COLOR).and_then(|color| ical::hexadecimal_color(&color))
}

fn url(site: &str, owner: &str, calendar: &str) -> String {
    format!("{}{}", site.trim_end_matches('/'), href::collection(owner, calendar))
}

fn day(at: Timestamp) -> String {
    written(at, "%-d %B %Y")
}

/// Formats the time of the last use, which is recorded only to the hour.
fn hour(at: Timestamp) -> String {
    written(at, "%-d %B %Y, about %H:00 UTC")
}

fn written(at: Timestamp, form: &str) -> String {
    DateTime::from_timestamp(at.seconds(), 0).map_or_else(String::new, |at| at.format(form).to_string())
}
