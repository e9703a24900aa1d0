//! `DAV:principal-property-search` and `DAV:principal-search-property-set` (RFC 3744 §9.4, §9.5).

use actix_web::{HttpResponse, http::StatusCode};
use dav::{
    Condition, Detail, MultiStatus, QName, Status,
    multistatus::PropStats,
    name,
    request::{PrincipalSearch, PropertySearch, Test},
    value,
    xml::{self, Element, Writer},
};

use projections::Entry;

use crate::{
    answer,
    call::Call,
    node::{Found, Node},
    property::{Context, Selection, live},
};

/// Principals one answer shows.
const MAX_MATCHES: usize = 1_000;

/// What can be searched, in words for people.
const SEARCHABLE: [(&QName, &str); 6] = [
    (&name::DISPLAY_NAME, "Name"),
    (&name::CALENDAR_USER_ADDRESS_SET, "Calendar user address"),
    (&name::EMAIL_ADDRESS_SET, "E-mail address"),
    (&name::FIRST_NAME, "First name"),
    (&name::LAST_NAME, "Last name"),
    (&name::CALENDAR_USER_TYPE, "Person, group, room or resource"),
];

pub(super) fn searchable() -> HttpResponse {
    answer::xml(StatusCode::OK, value::principal_search_property_set(&SEARCHABLE))
}

pub(super) fn answer(call: &Call, found: &Found, search: &PrincipalSearch) -> HttpResponse {
    let context = call.context();
    let selection = Selection::listed(&search.wanted);
    let mut multistatus = MultiStatus::new(call.detail());
    let mut matches = 0;
    for entry in scope(call, found, search) {
        let node = Node::Principal(entry);
        if !is_match(&context, &node, search) {
            continue;
        }
        if matches == MAX_MATCHES {
            // RFC 3744 §9.4: too many to show them all.
            let condition = Condition::NumberOfMatchesWithinLimits;
            multistatus.status_because(&call.path.href(), Status::INSUFFICIENT_STORAGE, condition);
            break;
        }
        matches += 1;
        let mut response = multistatus.response(&node.href());
        selection.write(&context, &node, &mut response);
        response.finish();
    }
    answer::multistatus().body(multistatus.finish())
}

/// RFC 3744 §9.4: what lies below the resource that was asked, unless the request says everywhere.
fn scope<'a>(call: &'a Call, found: &Found, search: &PrincipalSearch) -> &'a [Entry] {
    match found {
        Found::Root | Found::Principals => call.person.directory.all(),
        _ if search.everywhere => call.person.directory.all(),
        Found::Homes | Found::Principal(_) | Found::Home { .. } | Found::Collection { .. } | Found::Member { .. } => {
            &[]
        }
    }
}

fn is_match(context: &Context<'_>, node: &Node<'_>, search: &PrincipalSearch) -> bool {
    let mut found = search.searches.iter().map(|one| finds(context, node, one));
    match search.test {
        Test::AllOf => found.all(|found| found),
        Test::AnyOf => found.any(|found| found),
    }
}

/// RFC 3744 §9.4: every property that is named holds the text, in any case of letters.
fn finds(context: &Context<'_>, node: &Node<'_>, search: &PropertySearch) -> bool {
    let wanted = search.text.to_lowercase();
    for name in &search.properties {
        let held = |text: &String| search.match_type.holds(&text.to_lowercase(), &wanted);
        if !texts(context, node, name).iter().any(held) {
            return false;
        }
    }
    true
}

/// The texts in a property's value: one for each element that holds one.
fn texts(context: &Context<'_>, node: &Node<'_>, name: &QName) -> Vec<String> {
    let Some(property) = value_of(context, node, name) else { return vec![] };
    let inner: Vec<_> = property.elements().map(|element| element.text().into_owned()).collect();
    if inner.is_empty() { vec![property.text().into_owned()] } else { inner }
}

/// A live property of a resource, as data.
pub(super) fn value_of(context: &Context<'_>, node: &Node<'_>, name: &QName) -> Option<Element> {
    let live = live(name)?;
    let mut writer = Writer::document("D:multistatus");
    let mut out = PropStats::response(&mut writer, "", Detail::Minimal);
    (live.show)(context, node, &mut out);
    out.finish();
    writer.end("D:multistatus");
    let written = writer.finish();
    // What we wrote is well-formed; were it not, the property would count as absent.
    let root = xml::parse(written.as_bytes(), &xml::Limits::default()).ok();
    let prop = root.as_ref().and_then(|root| root.dav("response")?.dav("propstat")?.dav("prop"));
    prop?.elements().next().cloned()
}
