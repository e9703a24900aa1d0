//! Address book that decisions use: a snapshot of the directory of principals.

use std::sync::Arc;

use calendar::object::AddressBook;
use ical::Address;
use itip::groups::Member;
use projections::{Directory, Entry};
use schemas::{PrincipalId, principal::PrincipalKind};

#[derive(Debug, Clone)]
pub(crate) struct DirectoryAddressBook(pub Arc<Directory>);

impl AddressBook for DirectoryAddressBook {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        self.0.by_address(address).map(|entry| entry.id)
    }

    fn canonical(&self, address: &Address) -> Address {
        self.0.canonical(address).unwrap_or(address).clone()
    }

    fn address_of(&self, principal: PrincipalId) -> Option<Address> {
        let path = Address::parse(&self.0.by_id(principal)?.path())?;
        self.0.canonical(&path).cloned()
    }

    fn members(&self, group: &Address) -> Option<Vec<Member>> {
        let group =
            self.0.by_address(group).filter(|entry| entry.kind == PrincipalKind::Group && entry.is_present())?;
        let members = self.0.members_of(group.id);
        Some(members.into_iter().filter_map(|id| self.0.by_id(id)).filter_map(|entry| self.member(entry)).collect())
    }
}

impl DirectoryAddressBook {
    fn member(&self, entry: &Entry) -> Option<Member> {
        Some(Member {
            address: self.0.canonical(&Address::parse(&entry.path())?)?.as_written().to_owned(),
            name: entry.display_name.clone(),
            kind: match entry.kind {
                PrincipalKind::Individual => "INDIVIDUAL",
                PrincipalKind::Group => "GROUP",
                PrincipalKind::Resource => "RESOURCE",
                PrincipalKind::Room => "ROOM",
            },
        })
    }
}
