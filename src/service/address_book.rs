//! Who is behind an address, by the directory as it was when the decision began.

use std::sync::Arc;

use calendar::object::AddressBook;
use ical::Address;
use itip::groups::Member;
use projections::{Directory, Entry};
use schemas::{PrincipalId, principal::PrincipalKind};

#[derive(Debug, Clone)]
pub(crate) struct Book(pub Arc<Directory>);

impl AddressBook for Book {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        self.0.by_address(address).map(|entry| entry.id)
    }

    fn canonical(&self, address: &Address) -> Address {
        let known = self.0.by_address(address).and_then(projections::Entry::preferred_address);
        known.unwrap_or_else(|| address.clone())
    }

    fn members(&self, group: &Address) -> Option<Vec<Member>> {
        let group = self.0.by_address(group).filter(|entry| entry.kind == PrincipalKind::Group)?;
        let members = self.0.members_of(group.id);
        Some(members.into_iter().filter_map(|id| self.0.by_id(id)).filter_map(member).collect())
    }
}

fn member(entry: &Entry) -> Option<Member> {
    Some(Member {
        address: entry.preferred_address()?.as_written().to_owned(),
        name: entry.display_name.clone(),
        kind: match entry.kind {
            PrincipalKind::Individual => "INDIVIDUAL",
            PrincipalKind::Group => "GROUP",
            PrincipalKind::Resource => "RESOURCE",
            PrincipalKind::Room => "ROOM",
        },
    })
}
