//! Sets passwords of principals, and checks logins.

use calendar::{
    Refusal,
    principal::{Command, Principal},
};
use ical::Address;
use projections::{Directory, Entry, folded};
use schemas::{Client, PasswordId, PrincipalId, Right, metadata::Ground};
use vault::Password;

use super::{Extent, NewPassword, Plan, Registration};
use crate::{
    Service,
    clock::{self, Stamp},
    credentials::{
        Known, Login,
        app_password::{self, Handle},
        importable,
    },
    error::Error,
    freshness::Subject,
    passwords::unreadable,
};

impl Service {
    /// Returns the new password that a registration contains. `None`: it contains none, or the
    /// principal has this password already.
    pub(super) async fn new_password(
        &self,
        stamp: &Stamp,
        registration: &Registration,
        principal: &Principal,
        extent: Extent,
    ) -> Result<Option<Password>, Error> {
        let Some(given) = &registration.password else { return Ok(None) };
        let held = if let Principal::Registered(known) = principal { known.password } else { None };
        let held = held.and_then(|id| self.passwords.hash(id));
        let phc = match (given, held) {
            (NewPassword::Hash(hash), held) => {
                let bad = || Refusal::BadPasswordHash { name: registration.short_name.clone() };
                let hash = importable(hash).ok_or_else(bad)?;
                self.credentials.measure(&hash).await?;
                Some(hash).filter(|hash| held.as_deref() != Some(hash.as_str()))
            }
            (NewPassword::Plain(new), Some(held)) if self.credentials.check(held.to_string(), new.clone()).await? => {
                None
            }
            // A plan that is not executed needs no hash.
            (NewPassword::Plain(_), _) if extent == Extent::Plan => Some(String::new()),
            (NewPassword::Plain(new), _) => Some(self.credentials.hash(new.clone()).await?),
        };
        let (id, principal) = (PasswordId(clock::new_id()), registration.id);
        Ok(phc.map(|phc| Password::new(id, principal, None, phc, stamp.metadata.at)))
    }

    /// Changes the password of an account. App passwords stay valid.
    pub async fn change_password(&self, stamp: &Stamp, id: PrincipalId, new: &str) -> Result<(), Error> {
        let phc = self.credentials.hash(new.to_owned()).await?;
        let _alone = self.registrations.lock().await;
        self.fresh(Subject::Directory).await?;
        let password = Password::new(PasswordId(clock::new_id()), id, None, phc, stamp.metadata.at);
        let plan = self.plan(id, &[Command::SetPassword { password: password.id }]).await?;
        self.apply(stamp, vec![Plan { password: Some(password), ..plan }]).await
    }

    /// Returns true if the vault has the password of the account, and no external authority keeps
    /// it.
    pub fn keeps_password(&self, entry: &Entry) -> bool {
        self.credentials.authority_of(&entry.short_name).is_none() && self.can_log_in(entry)
    }

    /// Returns true if the principal has a password whose hash is in the vault. App passwords do
    /// not count.
    pub fn can_log_in(&self, entry: &Entry) -> bool {
        entry.password.is_some_and(|id| self.passwords.hash(id).is_some())
    }

    /// Returns the credentials with the account that `login` names: by a present or former name of
    /// the principal, or by one of its mail addresses, in upper or lower case. An account that is
    /// disabled or retired counts as unknown. The vault keeps all app passwords; an external
    /// authority may keep the password of the account.
    pub fn login(&self, login: &str, password: &str) -> Login {
        let directory = self.models.directory();
        let entry = account(&directory, login);
        let name = entry.map_or_else(|| folded(login), |entry| entry.short_name.clone());
        let entry = entry.filter(|entry| entry.is_active());
        if let Some(entry) = entry
            && let Some((handle, text)) = app_password::read(password)
            && let Some(id) = app_password(entry, handle)
            && let Some(login) = self.login_with(entry, id, true, &text)
        {
            return login;
        }
        if let Some(authority) = self.credentials.authority_of(&name) {
            return Login::elsewhere(name, entry.map(|entry| entry.id), password, authority.remembered());
        }
        let known = entry.and_then(|entry| self.login_with(entry, entry.password?, false, password));
        known.unwrap_or_else(|| Login::new(name, None, password))
    }

    /// Returns the credentials with the account and the hash of its password `id`; `None` if the
    /// vault has no hash of that password. `text`: the password that was given. If the vault cannot
    /// be read, the result is [`Login::unreadable`].
    fn login_with(&self, entry: &Entry, id: PasswordId, is_app: bool, text: &str) -> Option<Login> {
        let name = entry.short_name.clone();
        match self.known(entry, id, is_app) {
            Ok(known) => known.map(|known| Login::new(name, Some(known), text)),
            Err(failure) => {
                unreadable(entry, &failure);
                Some(Login::unreadable(name, text))
            }
        }
    }

    /// Returns the principal that a login names if the account is active; `None` otherwise. For
    /// callers that have already authenticated the person.
    pub fn active_account(&self, login: &str) -> Option<PrincipalId> {
        let directory = self.models.directory();
        account(&directory, login).filter(|entry| entry.is_active()).map(|entry| entry.id)
    }

    /// Returns the account with the hash of one of its passwords; `None` if the vault has no hash
    /// of that password. `is_app`: it is an app password.
    fn known(&self, entry: &Entry, password: PasswordId, is_app: bool) -> Result<Option<Known>, vault::Failure> {
        let found = self.passwords.find(password)?;
        Ok(found.map(|phc| Known { principal: entry.id, password, phc: phc.to_string(), is_app }))
    }

    /// Returns the principal if the cache holds these credentials as right. `None`: they have to be
    /// checked.
    pub fn remembered(&self, login: &Login) -> Option<PrincipalId> {
        let remembered = self.credentials.remembered(login);
        remembered.inspect(|_| self.note_use(login))
    }

    fn note_use(&self, login: &Login) {
        if let Some(password) = login.password_id() {
            self.passwords.note_use(password, clock::now());
        }
    }

    /// Checks the password and returns its principal. `None`: the password is wrong, or the account
    /// is unknown. `Err`: the password could not be checked, for example because of too many logins
    /// at once.
    ///
    /// If the password is right and its hash has another form than argon2, a hash of argon2
    /// replaces it; if that fails, the next login tries again.
    pub async fn authenticate(&self, login: &Login) -> Result<Option<PrincipalId>, Error> {
        if login.is_unreadable() {
            return Err(Error::Behind(
                "the password of this account cannot be read; the operator must repair the vault".into(),
            ));
        }
        let checked = self.credentials.verify(login).await?;
        if checked.is_some() {
            self.note_use(login);
        }
        if let Some(known) = login.foreign().filter(|_| checked.is_some())
            && let Err(error) = self.replace_hash(known, login.password()).await
        {
            tracing::warn!(%error, name = login.account(), "the imported password hash of this account could not be \
                replaced; the next login tries again");
        }
        Ok(checked)
    }

    async fn replace_hash(&self, known: &Known, password: &str) -> Result<(), Error> {
        let phc = self.credentials.hash(password.to_owned()).await?;
        let _alone = self.registrations.lock().await;
        self.fresh(Subject::Directory).await?;
        let id = known.principal;
        let principal = self.store.load::<Principal>(id).await?;
        // If the password was changed meanwhile, the new one stays.
        if !matches!(&*principal.state, Principal::Registered(now) if now.password == Some(known.password)) {
            return Ok(());
        }
        let mut stamp =
            clock::stamp(None, None, Client { via: "login".to_owned(), ..Client::default() }, clock::new_id());
        stamp.metadata.right = Some(Right::of(Ground::Server));
        let new = Password::new(PasswordId(clock::new_id()), id, None, phc, stamp.metadata.at);
        let plan = self.plan(id, &[Command::SetPassword { password: new.id }]).await?;
        self.apply(&stamp, vec![Plan { password: Some(new), ..plan }]).await
    }

    /// Measures how long checks of imported hashes take, so that already at the first login the
    /// time of a refusal does not reveal whether an account exists. Called at the start.
    pub async fn measure_hashes(&self) -> Result<(), Error> {
        for entry in self.models.directory().all() {
            if let Some(id) = entry.password
                && let Ok(Some(known)) = self.known(entry, id, false)
            {
                self.credentials.measure(&known.phc).await?;
            }
        }
        Ok(())
    }
}

/// Returns the account that a login names; `None` if there is none.
fn account<'a>(directory: &'a Directory, login: &str) -> Option<&'a Entry> {
    let by_mail = || directory.by_address(&Address::parse(login).filter(|address| address.mailbox().is_some())?);
    directory.by_name_in_any_case(login).or_else(by_mail)
}

/// Returns the id of the account's app password with this handle; `None` if there is none.
fn app_password(entry: &Entry, handle: Handle) -> Option<PasswordId> {
    entry.app_passwords.iter().copied().find(|id| app_password::handle(*id) == handle)
}
