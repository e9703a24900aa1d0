//! `DAV:principal-property-search` and `DAV:principal-search-property-set` (RFC 3744 §9.4, §9.5).

use actix_web::{HttpResponse, http::StatusCode};
use dav::{
    Condition, MultiStatus, QName, Status, name,
    request::{PrincipalSearch, PropertySearch, Test},
    value,
};

use projections::Entry;

use super::property_value::value_of;
use crate::{
    call::Call,
    property::{Context, Selection},
    resource::{Resource, ResourceView},
    response,
};

/// Most principals in one answer.
const MAX_MATCHES: usize = 1_000;

/// The properties that can be searched, with descriptions for people.
const SEARCHABLE: [(&QName, &str); 6] = [
    (&name::DISPLAY_NAME, "Name"),
    (&name::CALENDAR_USER_ADDRESS_SET, "Calendar user address"),
    (&name::EMAIL_ADDRESS_SET, "E-mail address"),
    (&name::FIRST_NAME, "First name"),
    (&name::LAST_NAME, "Last name"),
    (&name::CALENDAR_USER_TYPE, "Person, group, room or resource"),
];

pub(super) fn searchable() -> HttpResponse {
    response::xml(StatusCode::OK, value::principal_search_property_set(&SEARCHABLE))
}

pub(super) fn answer(call: &Call, found: &Resource, search: &PrincipalSearch) -> HttpResponse {
    let context = Context::of(call);
    let selection = Selection::listed(&search.wanted);
    let mut multistatus = MultiStatus::new(call.detail());
    let mut matches = 0;
    for entry in scope(call, found, search) {
        let resource = ResourceView::Principal(entry);
        if !is_match(&context, &resource, search) {
            continue;
        }
        if matches == MAX_MATCHES {
            // RFC 3744 §9.4: there are more matches than the answer may contain.
            let condition = Condition::NumberOfMatchesWithinLimits;
            multistatus.status_because(&call.path.href(), Status::INSUFFICIENT_STORAGE, condition);
            break;
        }
        matches += 1;
        let mut response = multistatus.response(&resource.href());
        selection.write(&context, &resource, &mut response);
        response.finish();
    }
    response::multistatus().body(multistatus.finish())
}

/// Returns the principals to search: those below the requested resource, or all if the request says
/// so (RFC 3744 §9.4).
fn scope<'a>(call: &'a Call, found: &Resource, search: &PrincipalSearch) -> &'a [Entry] {
    match found {
        Resource::Root | Resource::Principals => call.person.directory.all(),
        _ if search.everywhere => call.person.directory.all(),
        Resource::Homes
        | Resource::Principal(_)
        | Resource::Home { .. }
        | Resource::Collection { .. }
        | Resource::Member { .. } => &[],
    }
}

fn is_match(context: &Context<'_>, resource: &ResourceView<'_>, search: &PrincipalSearch) -> bool {
    let mut found = search.searches.iter().map(|one| is_found(context, resource, one));
    match search.test {
        Test::AllOf => found.all(|found| found),
        Test::AnyOf => found.any(|found| found),
    }
}

/// Returns true if every named property contains the text, ignoring case (RFC 3744 §9.4).
fn is_found(context: &Context<'_>, resource: &ResourceView<'_>, search: &PropertySearch) -> bool {
    let wanted = search.text.to_lowercase();
    for name in &search.properties {
        let held = |text: &String| search.match_type.holds(&text.to_lowercase(), &wanted);
        if !texts(context, resource, name).iter().any(held) {
            return false;
        }
    }
    true
}

/// Returns the texts of a property's value, one per child element, or its own text without
/// children.
fn texts(context: &Context<'_>, resource: &ResourceView<'_>, name: &QName) -> Vec<String> {
    let Some(property) = value_of(context, resource, name) else { return vec![] };
    let inner: Vec<_> = property.elements().map(|element| element.text().into_owned()).collect();
    if inner.is_empty() { vec![property.text().into_owned()] } else { inner }
}
