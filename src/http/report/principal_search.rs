//! `DAV:principal-property-search` and `DAV:principal-search-property-set` (RFC 3744 §9.4, §9.5).

use std::collections::HashMap;

use actix_web::{HttpResponse, http::StatusCode};
use dav::{
    Condition, MultiStatus, QName, Status, name,
    request::{PrincipalSearch, PropertySearch, Test},
    value,
};

use projections::{Directory, Entry};

use super::property_value::value_of;
use crate::{
    answer::stream::{self, ChunkSender},
    call::Call,
    property::{Context, Selection},
    reader::Reader,
    refusal::Refusal,
    resource::{Resource, ResourceView},
    response,
};

/// Maximum number of principals in one response.
const MAX_MATCHES: usize = 1_000;

/// The properties that `principal-search-property-set` names as searchable, with their descriptions
/// for people.
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

pub(super) async fn answer(call: &Call, found: Resource, search: PrincipalSearch) -> Result<HttpResponse, Refusal> {
    let reader = call.reader();
    stream::answer(call, response::multistatus(), move |chunks| written(&reader, &found, &search, chunks)).await
}

fn written(
    reader: &Reader,
    found: &Resource,
    search: &PrincipalSearch,
    chunks: &ChunkSender,
) -> Result<String, Refusal> {
    let (context, selection) = (Context::of_reader(reader), Selection::listed(&search.wanted));
    let mut multistatus = MultiStatus::new(reader.detail);
    let searches: Vec<_> = search.searches.iter().map(|search| (search, search.text.to_lowercase())).collect();
    let mut matches = 0;
    for entry in scope(&reader.person.directory, found, search) {
        chunks.flush(multistatus.pending(), || multistatus.take())?;
        let resource = ResourceView::Principal(entry);
        if !is_match(&mut Texts::of(&context, &resource), &searches, search.test) {
            continue;
        }
        if matches == MAX_MATCHES {
            // RFC 3744 §9.4: more principals match than the response may contain.
            let condition = Condition::NumberOfMatchesWithinLimits;
            multistatus.status_because(&reader.path.href(), Status::INSUFFICIENT_STORAGE, condition);
            break;
        }
        matches += 1;
        let mut response = multistatus.response(&resource.href());
        selection.write(&context, &resource, &mut response);
        response.finish();
    }
    Ok(multistatus.finish())
}

/// Returns the principals to search, without retired ones: those below the requested resource, or
/// all principals of the server if the request says so (RFC 3744 §9.4).
fn scope<'a>(
    directory: &'a Directory,
    found: &Resource,
    search: &PrincipalSearch,
) -> impl Iterator<Item = &'a Entry> + use<'a> {
    let all = match found {
        Resource::Root | Resource::Principals => true,
        Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Home { .. }
        | Resource::Collection { .. }
        | Resource::Member { .. } => search.everywhere,
    };
    directory.present().filter(move |_| all)
}

/// The texts of one principal's properties, in lower case. Each property is read only once, for all
/// conditions of the request.
struct Texts<'a> {
    context: &'a Context<'a>,
    resource: &'a ResourceView<'a>,
    known: HashMap<&'a QName, Vec<String>>,
}

impl<'a> Texts<'a> {
    fn of(context: &'a Context<'a>, resource: &'a ResourceView<'a>) -> Self {
        Self { context, resource, known: HashMap::new() }
    }

    fn named(&mut self, name: &'a QName) -> &[String] {
        self.known.entry(name).or_insert_with(|| texts(self.context, self.resource, name))
    }
}

fn is_match<'a>(texts: &mut Texts<'a>, searches: &[(&'a PropertySearch, String)], test: Test) -> bool {
    let mut found = searches.iter().map(|(search, wanted)| is_found(texts, search, wanted));
    match test {
        Test::AllOf => found.all(|found| found),
        Test::AnyOf => found.any(|found| found),
    }
}

/// Returns true if every property of the search matches its text, which `wanted` holds in lower
/// case, by its match type and without regard to case (RFC 3744 §9.4).
fn is_found<'a>(texts: &mut Texts<'a>, search: &'a PropertySearch, wanted: &str) -> bool {
    search.properties.iter().all(|name| texts.named(name).iter().any(|text| search.match_type.holds(text, wanted)))
}

/// Returns the texts in a property's value, in lower case: one text for each child element, or the
/// element's own text if it has no children.
fn texts(context: &Context<'_>, resource: &ResourceView<'_>, name: &QName) -> Vec<String> {
    let Some(property) = value_of(context, resource, name) else { return vec![] };
    let inner: Vec<_> = property.elements().map(|element| element.text().to_lowercase()).collect();
    if inner.is_empty() { vec![property.text().to_lowercase()] } else { inner }
}
