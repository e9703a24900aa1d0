//! Who is behind an address, by the directory as it was when the decision began.

use std::sync::Arc;

use calendar::object::AddressBook;
use ical::Address;
use projections::Directory;
use schemas::PrincipalId;

#[derive(Debug, Clone)]
pub(crate) struct Book(pub Arc<Directory>);

impl AddressBook for Book {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        self.0.by_address(address).map(|entry| entry.id)
    }

    fn canonical(&self, address: &Address) -> Address {
        self.0.canonical(address).unwrap_or(address).clone()
    }
}
