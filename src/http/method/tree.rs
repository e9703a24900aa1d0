//! `COPY` and `MOVE` of collections (RFC 4918 §9.8.3, §9.9.2), with what lies in them.
//!
//! Within a home a `MOVE` is a new name: the collection keeps its identity, its members and their tokens. All else is
//! made anew at the destination, member by member, each with every rule of its new place. What could not be stored is told
//! in a 207 (§9.8.5) and, by a `MOVE`, stays where it was.
//!
//! **Invariant:** what the person may not read is not copied, and keeps a `MOVE` from taking the rest to another home.

use actix_web::{HttpResponse, http::StatusCode};
use dav::{Condition, Detail, MultiStatus, Privilege, Status};
use projections::{Collection, Member};
use schemas::{
    PrincipalId,
    collection::{CollectionCreated, CollectionKind, Settings},
};
use service::{Overwrite, Require};

use super::{
    carry::{self, Carried},
    conditions,
    transfer::{self, Shape, Source, Target},
};
use crate::{access, answer, call::Call, header::Depth, href, listing::Shelf, no::No, node::Found, path::Path};

/// Members looked up at a time.
const PAGE: usize = 200;

pub(super) async fn transfer(call: &Call, found: &Found, source: Source) -> Result<HttpResponse, No> {
    let Found::Collection { owner: home, collection } = found else { return Err(No::NotFound) };
    let home = *home;
    let shape = match collection.kind {
        CollectionKind::Calendar => Shape::Calendar,
        CollectionKind::Plain => Shape::Plain,
        CollectionKind::Home | CollectionKind::Inbox | CollectionKind::Outbox => {
            return Err(No::forbidden("this collection belongs to the server"));
        }
    };
    let to = transfer::destination(call)?;
    let depth = depth(call, source)?;
    let target = Target::of(call, &to, source, shape)?;
    conditions::hold(call, found)?;
    let name = to.collection_name().unwrap_or_default();
    let is_replaced = target.replaced.is_some();
    if source == Source::Goes && target.home == home {
        target.clear(call).await?;
        call.service().rename_collection(&call.stamp(home), collection.id, name).await?;
        return Ok(transfer::collection_done(is_replaced));
    }
    let below = if depth == Depth::Zero { vec![] } else { below(call, home, collection)? };
    if source == Source::Goes {
        call.service().may_remove(home, collection.id).await?;
        everything_is_read(call, home, collection, &below)?;
    }
    target.clear(call).await?;
    let mut work = Work { call, home, to_home: target.home, source, failures: vec![] };
    if depth == Depth::Zero {
        work.make(collection, &name).await?;
    } else {
        work.whole(collection, &name).await?;
    }
    for child in &below {
        let name = format!("{name}{}", &child.name[collection.name.len()..]);
        if let Err(no) = work.whole(child, &name).await {
            let href = work.href(&name);
            work.failed(href, no)?;
        }
    }
    if work.failures.is_empty() && source == Source::Goes {
        // All that was in it has gone.
        call.service().delete_collection(&call.stamp(home), home, collection.id).await?;
    }
    Ok(work.answer(is_replaced))
}

fn depth(call: &Call, source: Source) -> Result<Depth, No> {
    match (source, Depth::of(call.headers(), Depth::Infinity)?) {
        (_, Depth::Infinity) => Ok(Depth::Infinity),
        // RFC 4918 §9.8.3: the collection and its properties, and nothing in it.
        (Source::Stays, Depth::Zero) => Ok(Depth::Zero),
        (Source::Stays, Depth::One) => Err(No::bad_header("the Depth of COPY on a collection is 0 or infinity")),
        // RFC 4918 §9.9.2
        (Source::Goes, Depth::Zero | Depth::One) => {
            Err(No::bad_header("the Depth of MOVE on a collection is infinity"))
        }
    }
}

/// The collections in a collection, each after what it lies in, as far as the person may read them.
fn below(call: &Call, home: PrincipalId, collection: &Collection) -> Result<Vec<Collection>, No> {
    let mut readable = vec![];
    for below in call.models().home(home)?.into_iter().filter(|below| collection.is_above(below)) {
        let parent = readable.iter().any(|parent: &Collection| parent.is_parent_of(&below.name));
        if (parent || collection.is_parent_of(&below.name))
            && Shelf::of(&call.person, home, below.clone())?.opens(&call.person, Privilege::Read)
        {
            readable.push(below);
        }
    }
    Ok(readable)
}

/// Refuses to take away what hides something from who takes it.
fn everything_is_read(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    readable: &[Collection],
) -> Result<(), No> {
    if access::reigns(&call.person, home) {
        return Ok(());
    }
    let lacking = || Err(No::lacking(call.path.href(), Privilege::Read));
    let all = call.models().home(home)?.into_iter().filter(|below| collection.is_above(below)).count();
    if all != readable.len() {
        return lacking();
    }
    for collection in std::iter::once(collection).chain(readable) {
        let shelf = Shelf::of(&call.person, home, collection.clone())?;
        let mut after = None;
        while let Some(members) = page(call, collection, after.as_deref())? {
            if members.iter().any(|member| !shelf.allows(&call.person, member, Privilege::Read)) {
                return lacking();
            }
            after = members.last().map(|member| member.name.clone());
        }
    }
    Ok(())
}

fn page(call: &Call, collection: &Collection, after: Option<&str>) -> Result<Option<Vec<Member>>, No> {
    let members = call.models().members(collection.id, after, PAGE)?;
    Ok((!members.is_empty()).then_some(members))
}

/// One `COPY` or `MOVE` under way, and what did not come through.
struct Work<'a> {
    call: &'a Call,
    home: PrincipalId,
    to_home: PrincipalId,
    source: Source,
    failures: Vec<(String, Status, Option<Condition>)>,
}

impl Work<'_> {
    /// The collection and its members, but not the collections in it.
    async fn whole(&mut self, from: &Collection, name: &str) -> Result<(), No> {
        let place = Target { home: self.to_home, collection: Box::new(self.make(from, name).await?), replaced: None };
        let readable = Shelf::of(&self.call.person, self.home, from.clone())?;
        let mut after = None;
        while let Some(members) = page(self.call, from, after.as_deref())? {
            for member in members.iter().filter(|member| readable.allows(&self.call.person, member, Privilege::Read)) {
                self.member(from, member, &place).await?;
            }
            after = members.last().map(|member| member.name.clone());
        }
        Ok(())
    }

    async fn member(&mut self, collection: &Collection, member: &Member, target: &Target) -> Result<(), No> {
        let owner = self.owner();
        let within = target.collection.name.clone();
        let to = Path::Inside { owner, within, name: member.name.clone() };
        let from = Carried { home: self.home, collection, member };
        let conditions = (Overwrite::Allowed, Require::default());
        match carry::carry(self.call, from, &to, target, self.source, conditions).await {
            Ok(_) => Ok(()),
            Err(no) => self.failed(to.member_href(), no),
        }
    }

    /// An empty collection with the properties of another. It gets its list only where the other goes (RFC 3744 §7.3,
    /// §7.4).
    async fn make(&self, from: &Collection, name: &str) -> Result<Collection, No> {
        let service = self.call.service();
        let created = CollectionCreated {
            home: self.to_home,
            name: name.to_owned(),
            kind: from.kind,
            components: from.components.clone(),
            properties: from.properties.clone(),
            settings: Settings { default_calendar: None, ..from.settings.clone() },
        };
        let stamp = self.call.stamp(self.to_home);
        let id = service.create_collection(&stamp, created).await?;
        if self.source == Source::Goes && !from.acl.is_empty() {
            service.change_acl(&self.call.stamp(self.to_home), id, from.acl.clone()).await?;
        }
        self.call.models().collection_by_id(id)?.ok_or(No::NotFound)
    }

    /// Notes what did not come through. What the world did wrong ends the work.
    fn failed(&mut self, href: String, no: No) -> Result<(), No> {
        let (status, condition) = no.told(&self.call.state)?;
        self.failures.push((href, status, condition));
        Ok(())
    }

    fn owner(&self) -> String {
        let owner = self.call.person.directory.by_id(self.to_home);
        owner.map(|owner| owner.short_name.clone()).unwrap_or_default()
    }

    fn href(&self, name: &str) -> String {
        href::collection(&self.owner(), name)
    }

    fn answer(self, is_replaced: bool) -> HttpResponse {
        if self.failures.is_empty() {
            return transfer::collection_done(is_replaced);
        }
        let mut multistatus = MultiStatus::new(Detail::Full);
        for (href, status, condition) in &self.failures {
            match condition {
                Some(condition) => multistatus.status_because(href, *status, *condition),
                None => multistatus.status(href, *status),
            }
        }
        answer::xml(StatusCode::MULTI_STATUS, multistatus.finish())
    }
}
