//! Carries out the forms of the account page: app passwords, the password, shares.

use actix_web::http::StatusCode;
use dav::request::InviteAnswer;
use ical::Address;
use page::{Notice, field, path};
use projections::Entry;
use schemas::{
    Client, CollectionId, Right, ShareId,
    metadata::{Authentication, Ground},
    principal::PrincipalKind,
};
use service::{
    Error, Stamp, clock,
    collections::unconditional,
    principals::Extent,
    sharing::{Appears, Grant, Level, Reply, Scope},
};
use uuid::Uuid;

use super::{Answered, Form, Open, Request, answer};
use crate::{
    front::login,
    header::user_agent,
    method::notices::{Notices, is_unanswered},
    person::Person,
};

/// The value of `via` in the metadata of changes that people made on the web page, where other
/// changes name the HTTP method.
const VIA: &str = "page";
/// Minimum number of characters of a new password.
const MIN_PASSWORD_LENGTH: usize = 8;

/// The text for the person after a form: `Ok` if the form was carried out, `Err` if it was refused.
type Outcome = Result<String, String>;

impl Request<'_> {
    /// Carries out a form that a logged-in person has sent.
    pub(super) async fn changed(&self, target: &str, form: &Form, open: Open) -> Answered {
        let Some(person) = self.person(&open.session) else {
            return Answered::to_nobody(self.welcome(StatusCode::OK, None, ""));
        };
        let Ok(_place) = self.front.state.commands.take(person.id).await else {
            let why =
                "Nothing was changed, because too many requests are being handled at once. Try again in a minute.";
            return Answered { response: self.failure(StatusCode::SERVICE_UNAVAILABLE, why), person: Some(person) };
        };
        let outcome = match target {
            path::MAKE_DEVICE => match self.make_device(&person, form.name()).await {
                Ok(secret) => return self.page_of(open, Some((form.name().to_owned(), secret))).await,
                Err(why) => Err(why),
            },
            path::REVOKE_DEVICE => self.revoke_device(&person, form.name()).await,
            path::CHANGE_PASSWORD => self.change_password(&person, form, &open).await,
            path::GIVE_SHARE => self.give_share(&person, form).await,
            path::ACCEPT_SHARE => self.answer_offer(&person, form, InviteAnswer::Accepted).await,
            path::DECLINE_SHARE => self.answer_offer(&person, form, InviteAnswer::Declined).await,
            path::WITHDRAW_SHARE => self.withdraw_share(&person, form).await,
            _ => {
                let response = self.failure(StatusCode::NOT_FOUND, "There is no such page.");
                return Answered { response, person: Some(person) };
            }
        };
        let notice = outcome.map_or_else(Notice::Refused, Notice::Done);
        self.front.sessions.set_notice(&open.key, notice);
        Answered { response: answer::home(&self.site()), person: Some(person) }
    }

    fn stamp(&self, person: &Person) -> Stamp {
        let client = Client {
            via: VIA.to_owned(),
            agent: user_agent(self.http.headers()),
            address: self.address.map(|address| address.to_string()).unwrap_or_default(),
        };
        let mut stamp = clock::stamp(Some(person.id), None, client, self.id);
        stamp.metadata.right = Some(Right::of(Ground::Owner));
        stamp.metadata.auth = Some(person.auth.clone());
        stamp
    }

    /// Creates an app password. Returns its text in the form in which people type it.
    async fn make_device(&self, person: &Person, name: &str) -> Outcome {
        let made = self.front.state.service.add_app_password(&self.stamp(person), person.id, name).await;
        made.map_err(|error| self.refused(error))
    }

    async fn revoke_device(&self, person: &Person, name: &str) -> Outcome {
        let revoked = self.front.state.service.revoke_app_password(&self.stamp(person), person.id, name).await;
        revoked.map_err(|error| self.refused(error))?;
        Ok(format!("The app password “{name}” is revoked. Programs that use it can no longer log in."))
    }

    async fn change_password(&self, person: &Person, form: &Form, open: &Open) -> Outcome {
        let entry = person.entry().ok_or("Your account no longer exists. Ask the people who run this server.")?;
        let new = form.field(field::NEW_PASSWORD);
        if new != form.field(field::REPEATED) {
            return Err("The two new passwords differ. Type the same one twice.".to_owned());
        }
        if new.chars().count() < MIN_PASSWORD_LENGTH {
            return Err(format!(
                "The new password is too short. Choose one with at least {MIN_PASSWORD_LENGTH} characters."
            ));
        }
        // A wrong current password counts as a failed login.
        match login::with_password(self.front, &entry.short_name, form.password(), self.address).await {
            Ok(Some(checked)) if checked.person.id == person.id && checked.person.auth == Authentication::Password => {}
            Ok(_) => return Err("The current password is wrong. Nothing was changed.".to_owned()),
            Err(_) => {
                return Err(
                    "The current password was not checked, because too many logins failed, or passwords cannot be \
                     checked now. Nothing was changed. Wait some minutes, then try again."
                        .to_owned(),
                );
            }
        }
        let service = &self.front.state.service;
        if !service.keeps_password(entry) {
            return Err("Your password belongs to another system of your organisation. Change it there.".to_owned());
        }
        let changed = service.change_password(&self.stamp(person), person.id, new).await;
        changed.map_err(|error| self.refused(error))?;
        let password = service.models().directory().by_id(person.id).and_then(|entry| entry.password);
        self.front.sessions.go_on(&open.key, password);
        Ok("The password is changed. Programs that use the old one will ask you for the new one.".to_owned())
    }

    async fn give_share(&self, person: &Person, form: &Form) -> Outcome {
        let to = somebody(person, form)?;
        let level = match form.field(field::LEVEL) {
            "free-busy" => Level::FreeBusy,
            "read" => Level::Read,
            "write" => Level::Write,
            _ => return Err("Nothing was shared. Choose what the other person may do.".to_owned()),
        };
        let (owner, sends) = (person.id, form.has(field::SENDS));
        let (scope, appears, summary) = (scope(form)?, Appears::OnceAccepted, String::new());
        let grant = Grant { owner, to: to.id, scope, level, sends, appears, summary };
        let (service, stamp) = (&self.front.state.service, self.stamp(person));
        let given = service.share(&stamp, &grant, Extent::Apply).await;
        given.map_err(|error| self.refused(error))?;
        if let Scope::Calendar(calendar) = grant.scope
            && let Ok(Some(offered)) = service.models().offered(ShareId::derive(calendar, to.id))
            && is_unanswered(&offered)
            && to.kind != PrincipalKind::Group
        {
            let notices = Notices { service, directory: &person.directory, stamp };
            notices.invited(&offered).await;
        }
        Ok(format!("Shared with {}.", to.shown_name()))
    }

    async fn withdraw_share(&self, person: &Person, form: &Form) -> Outcome {
        let from = somebody(person, form)?;
        let (owner, scope) = (person.id, scope(form)?);
        let service = &self.front.state.service;
        let withdrawn = service.withdraw(&self.stamp(person), (owner, from.id), Some(scope), Extent::Apply).await;
        withdrawn.map_err(|error| self.refused(error))?;
        Ok(format!("The share with {} is withdrawn.", from.shown_name()))
    }

    /// Accepts or declines the invitation to another person's calendar.
    async fn answer_offer(&self, person: &Person, form: &Form, answer: InviteAnswer) -> Outcome {
        let share = Uuid::parse_str(form.field(field::SHARE)).map_err(|_| {
            "Nothing was changed, because the form names no invitation. Load the page again.".to_owned()
        })?;
        let (service, stamp) = (&self.front.state.service, self.stamp(person));
        let reply = Reply { share: ShareId(share), invitation: None, summary: String::new() };
        let done = match answer {
            InviteAnswer::Accepted => service.accept_share(&stamp, person.id, reply).await.map(drop),
            InviteAnswer::Declined => service.decline_share(&stamp, person.id, reply, &unconditional).await,
        };
        done.map_err(|error| self.refused(error))?;
        if let Ok(Some(offered)) = service.models().offered(ShareId(share)) {
            let notices = Notices { service, directory: &person.directory, stamp };
            notices.answered(&offered).await;
        }
        Ok(match answer {
            InviteAnswer::Accepted => {
                "The calendar is added to your calendars. Your programs show it after they synchronize next.".to_owned()
            }
            InviteAnswer::Declined => {
                "The calendar is not in your calendars now. Its owner still has it, and you can add it later."
                    .to_owned()
            }
        })
    }

    /// Returns the text for the person if the service refused or failed. A share is stored in
    /// several steps, so a failure may leave the first ones stored.
    fn refused(&self, error: Error) -> String {
        match error {
            Error::Refused(refusal) => format!("Nothing was changed: {refusal}."),
            Error::Behind(_) | Error::Full | Error::Failed(_) => {
                tracing::error!(%error, request = %self.id, "the change that a form on the page asked for failed");
                "The server could not finish the change, and may have stored a part of it. Check what this page shows, \
                 and try again in some minutes."
                    .to_owned()
            }
        }
    }
}

/// Returns the part of the home that the form shares: one calendar, or all. `Err` with a text for
/// the person if the calendar's id is malformed.
fn scope(form: &Form) -> Result<Scope, String> {
    let calendar = form.field(field::CALENDAR);
    if calendar.is_empty() {
        return Ok(Scope::Home);
    }
    let id = calendar
        .parse()
        .map_err(|_| "Nothing was changed, because the form names no calendar. Load the page again.".to_owned())?;
    Ok(Scope::Calendar(CollectionId(id)))
}

/// Returns the person or group that the form names. `Err` with a text for the person who sent the
/// form if there is no such person or group.
fn somebody<'a>(person: &'a Person, form: &Form) -> Result<&'a Entry, String> {
    let named = form.field(field::PERSON).trim();
    let directory = &person.directory;
    let by_mail = || {
        let address = Address::parse(named).filter(|address| address.mailbox().is_some())?;
        directory.by_address(&address)
    };
    let found = directory.by_name_in_any_case(named).or_else(by_mail).filter(|entry| entry.is_present());
    found.ok_or_else(|| {
        format!("No account or group of this server has the name or mail address “{named}”. Check the spelling.")
    })
}
