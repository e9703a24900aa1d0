//! Checks that each name and address belongs to one principal only, among registered principals and
//! those of the same batch.

use std::collections::{HashMap, hash_map};

use calendar::{Refusal, principal::Command};
use ical::Address;
use projections::{Directory, folded};
use schemas::PrincipalId;

use super::Registration;

/// Id and name of a principal that has or claims a name or an address.
type Claimant<'a> = (PrincipalId, &'a str);

/// The name and the addresses that a registration or a command claims for a principal. A change of
/// addresses claims the present name; a change of the name claims no addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    id: PrincipalId,
    /// Name of the claiming principal in error messages.
    claimant: &'a str,
    name: &'a str,
    addresses: &'a [String],
}

impl<'a> Claim<'a> {
    pub(super) fn of_registration(registration: &'a Registration) -> Self {
        let Registration { id, short_name, profile, .. } = registration;
        Self { id: *id, claimant: short_name, name: short_name, addresses: &profile.addresses }
    }

    /// Returns the name and the addresses that a command on the principal `name` claims. `None` if
    /// it claims none.
    pub(super) fn of_command(id: PrincipalId, name: &'a str, command: &'a Command) -> Option<Self> {
        match command {
            Command::Register { short_name, profile, .. } => {
                Some(Self { id, claimant: short_name, name: short_name, addresses: &profile.addresses })
            }
            Command::Rename { short_name } => Some(Self { id, claimant: name, name: short_name, addresses: &[] }),
            Command::ChangeAddresses { add, .. } => Some(Self { id, claimant: name, name, addresses: add }),
            Command::SetPassword { .. }
            | Command::AddAppPassword { .. }
            | Command::RevokeAppPassword { .. }
            | Command::SetMembers { .. }
            | Command::ChangeProperties { .. }
            | Command::SetQuota { .. }
            | Command::Disable
            | Command::Enable
            | Command::Retire(_) => None,
        }
    }
}

/// Names and addresses in use, by principals of the directory and of one batch.
struct Claims<'a> {
    directory: &'a Directory,
    /// Principals of the batch by folded name, so that no two names differ only in case or Unicode
    /// normal form.
    names: HashMap<String, Claimant<'a>>,
    addresses: HashMap<Address, Claimant<'a>>,
}

/// Checks that no claim is for a name or an address of another principal. Retired principals still
/// have theirs.
pub(super) fn check(directory: &Directory, batch: &[Claim<'_>]) -> Result<(), Refusal> {
    let claims = Claims::of(directory, batch);
    for claim in batch {
        let refusal = |what, value: &str, holder: &str| {
            let (value, holder, claimant) = (value.to_owned(), holder.to_owned(), claim.claimant.to_owned());
            Err(Refusal::PrincipalExists { what, value, holder, claimant })
        };
        if let Some(holder) = claims.holder_of_name(claim.name, claim.id) {
            return refusal("the name", claim.name, holder);
        }
        for address in found_by(claim) {
            if let Some(holder) = claims.holder_of_address(&address, claim.id) {
                return refusal("the address", address.as_written(), holder);
            }
        }
    }
    Ok(())
}

/// Returns the addresses by which the claiming principal would be found: those of the claim, its
/// path, `urn:uuid:` with its id, and its name if the name is a mail address.
fn found_by(claim: &Claim<'_>) -> impl Iterator<Item = Address> {
    let path = format!("/principals/{}/", claim.name);
    let urn = format!("urn:uuid:{}", claim.id);
    let given: Vec<_> = claim.addresses.iter().filter_map(|written| Address::parse(written)).collect();
    given
        .into_iter()
        .chain(mailbox(claim.name))
        .chain([path, urn].iter().filter_map(|own| Address::parse(own)).collect::<Vec<_>>())
}

/// Returns the name as an address if it is a mail address; `None` otherwise.
fn mailbox(name: &str) -> Option<Address> {
    Address::parse(name).filter(|address| address.mailbox().is_some())
}

impl<'a> Claims<'a> {
    fn of(directory: &'a Directory, batch: &'a [Claim<'a>]) -> Self {
        let mut claims = Self { directory, names: HashMap::new(), addresses: HashMap::new() };
        for entry in directory.all() {
            let names = std::iter::once(&entry.short_name).chain(&entry.former_names);
            let names =
                names.filter_map(|name| mailbox(name)).map(|name| (name, (entry.id, entry.short_name.as_str())));
            claims.addresses.extend(names);
        }
        for claim in batch {
            let claimant = (claim.id, claim.name);
            claims.names.entry(folded(claim.name)).or_insert(claimant);
            for address in found_by(claim) {
                if let hash_map::Entry::Vacant(free) = claims.addresses.entry(address) {
                    free.insert(claimant);
                }
            }
        }
        claims
    }

    /// Returns the short name of another principal that has this name; `None` if no other principal
    /// has it.
    fn holder_of_name(&self, name: &str, claimant: PrincipalId) -> Option<&str> {
        let known = self.directory.by_name_in_any_case(name).map(|entry| (entry.id, entry.short_name.as_str()));
        other(known, claimant).or_else(|| other(self.names.get(&folded(name)).copied(), claimant))
    }

    /// Returns the short name of another principal that has this address; `None` if no other
    /// principal has it.
    fn holder_of_address(&self, address: &Address, claimant: PrincipalId) -> Option<&str> {
        let known = self.directory.by_address(address).map(|entry| (entry.id, entry.short_name.as_str()));
        // A URL names a principal of this server by its path, whatever its host is.
        let by_path = || self.addresses.get(&Address::parse(address.path()?)?).copied();
        other(known, claimant)
            .or_else(|| other(self.addresses.get(address).copied(), claimant))
            .or_else(|| other(by_path(), claimant))
    }
}

/// Returns the name of the holder; `None` if there is no holder, or the holder is the claimant.
fn other(holder: Option<Claimant<'_>>, claimant: PrincipalId) -> Option<&str> {
    holder.filter(|(id, _)| *id != claimant).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use schemas::principal::{PrincipalKind, Profile};

    use super::*;

    fn check(registrations: &[Registration]) -> Result<(), Refusal> {
        let claims: Vec<_> = registrations.iter().map(Claim::of_registration).collect();
        super::check(&Directory::default(), &claims)
    }

    fn person(number: u128, name: &str, address: &str) -> Registration {
        Registration {
            id: PrincipalId(uuid::Uuid::from_u128(number)),
            short_name: name.to_owned(),
            kind: PrincipalKind::Individual,
            profile: Profile { addresses: vec![address.to_owned()], ..Profile::default() },
            password: None,
            members: vec![],
        }
    }

    #[test]
    fn two_principals_of_one_batch_cannot_share_a_name_or_an_address() {
        let anna = || person(1, "anna", "mailto:team@example.com");
        let rows = [
            (
                person(2, "bob", "MAILTO:Team@example.com"),
                "the address `MAILTO:Team@example.com` already belongs to `anna`, so `bob` cannot have it",
            ),
            (
                person(2, "anna", "mailto:bob@example.com"),
                "the name `anna` already belongs to `anna`, so `anna` cannot have it",
            ),
            (
                person(2, "Anna", "mailto:bob@example.com"),
                "the name `Anna` already belongs to `anna`, so `Anna` cannot have it",
            ),
            (
                person(2, "team@example.com", "mailto:bob@example.com"),
                "the address `team@example.com` already belongs to `anna`, so `team@example.com` cannot have it",
            ),
            (
                person(2, "bob", "https://example.com/principals/anna/"),
                "the address `https://example.com/principals/anna/` already belongs to `anna`, so `bob` cannot have it",
            ),
            (
                person(2, "bob", "urn:uuid:00000000-0000-0000-0000-000000000001"),
                "the address `urn:uuid:00000000-0000-0000-0000-000000000001` already belongs to `anna`, so `bob` \
                 cannot have it",
            ),
        ];
        for (bob, expected) in rows {
            let refused = check(&[anna(), bob]).expect_err("one claim too many");
            assert_eq!(refused.to_string(), expected);
        }
        let bob = person(2, "bob@example.com", "mailto:bob@example.com");
        assert_eq!(check(&[anna(), bob]), Ok(()));
    }
}
