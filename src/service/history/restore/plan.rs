//! Plan of a restore: the commands and their order. Pure.
//!
//! **Invariant:** a calendar object that existed at the earlier time is deleted only if another
//! copy of it is at its former place. If it has another place today, it is moved back or, if that
//! is not possible, left where it is or given another name.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use projections::SEPARATOR;
use schemas::{CollectionId, ObjectId};

/// The place of a resource: path and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spot {
    /// Path of the resource's collection below the home; empty: the home itself.
    pub collection: String,
    /// Name of the resource in its collection.
    pub name: String,
}

/// Writes the path of the resource below the home.
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.collection.as_str() {
            "" => f.write_str(&self.name),
            collection => write!(f, "{collection}{SEPARATOR}{}", self.name),
        }
    }
}

/// One command of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Creates a collection again that was removed.
    Create(String),
    /// Moves a collection back to its former path.
    Rename { from: String, to: String },
    /// Moves an object, for example to its former place.
    Move { from: Spot, to: Spot },
    /// Stores the former content of a resource that was changed or removed.
    Put(Spot),
    /// Deletes a resource that was not there at the earlier time.
    Delete(Spot),
    /// Does nothing: at the earlier time the object was at another place of the home, to which it
    /// cannot be moved back.
    Keep { spot: Spot, was: Spot },
}

/// Writes the path, below the home, of the resource or collection that the step changes; for a
/// move, the paths before and after it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(path) => f.write_str(path),
            Self::Rename { from, to } => write!(f, "{from} to {to}"),
            Self::Move { from, to } => write!(f, "{from} to {to}"),
            Self::Put(spot) | Self::Delete(spot) => write!(f, "{spot}"),
            Self::Keep { spot, was } => write!(f, "{spot}, which was at {was} then"),
        }
    }
}

/// Collections with their paths below the home, parents first.
pub(super) type Paths = Vec<(CollectionId, String)>;

/// State of a home at one time: the collections and resources that a restore concerns, and the
/// others.
#[derive(Debug, Clone, Default)]
pub(super) struct Holding {
    pub collections: Paths,
    pub resources: Vec<Resource>,
    /// The rest of the home: an object may have been moved from there or to there.
    pub other_collections: Paths,
    pub other_resources: Vec<Resource>,
}

/// State of a resource at one time.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub spot: Spot,
    pub object: ObjectId,
    pub etag: String,
    /// True for a file. Files have no UID, so each is identified by its name.
    pub is_file: bool,
}

impl Resource {
    fn is_same(&self, other: &Self) -> bool {
        self.spot == other.spot && (self.object == other.object || self.is_file)
    }
}

/// Returns the commands that change the state `now` to the state `then`. `name`: only for resources
/// with this name, and for those in their way; `None`: for all.
pub(super) fn steps(then: &Holding, mut now: Holding, name: Option<&str>) -> Vec<Step> {
    let mut steps = collections(then, &mut now);
    let is_meant = |resource: &&Resource| name.is_none_or(|name| resource.spot.name == name);
    let wanted: Vec<&Resource> = then.resources.iter().filter(is_meant).collect();
    let sources = sources(then, &now);
    let (before, known, goal) =
        (Spots::of(&then.resources), Spots::of(sources.iter().copied()), Spots::of(wanted.iter().copied()));
    let mut moves = moves(&wanted, &goal, &known, &sources);
    let (from, to): (HashSet<&Spot>, HashMap<&Spot, &Spot>) =
        (moves.iter().map(|(from, _)| from).collect(), moves.iter().map(|(from, to)| (to, from)).collect());
    let existed: HashSet<ObjectId> = then.resources.iter().map(|old| old.object).collect();
    let is_needed = |known: &&Resource| {
        // A restore of one name deletes no object that existed under another name.
        let is_kept = name.is_some() && existed.contains(&known.object);
        before.has(known) || is_kept || from.contains(&known.spot)
    };
    let surplus = now.resources.iter().filter(is_meant).filter(|known| !is_needed(known));
    let (first, last): (Vec<_>, Vec<_>) = surplus.partition(|known| goal.at(&known.spot).is_some());

    let puts = wanted.iter().filter(|old| {
        let source = to.get(&old.spot).copied().unwrap_or(&old.spot);
        known.at(source).is_none_or(|known| known.etag != old.etag || (known.object != old.object && !old.is_file))
    });
    let puts: Vec<Step> = puts.map(|old| Step::Put(old.spot.clone())).collect();
    let rest = Rest::of(then, &now);
    steps.extend(first.iter().map(|known| rest.make_room(known)));
    let gone: HashSet<&Spot> = first.iter().map(|known| &known.spot).collect();
    let mut taken: HashSet<Spot> =
        now.resources.iter().map(|known| &known.spot).filter(|spot| !gone.contains(spot)).cloned().collect();
    if name.is_some() {
        steps.extend(release(&then.resources, &now.resources, &moves, &mut taken));
    }
    steps.extend(in_order(&mut moves, taken));
    steps.extend(puts);
    steps.extend(last.iter().map(|known| rest.leave(known)));
    steps
}

/// Returns the resources that may be moved back: those that the restore concerns, and those in the
/// rest of the home that were not at their present place at the earlier time.
fn sources<'r>(then: &Holding, now: &'r Holding) -> Vec<&'r Resource> {
    let before = Spots::of(&then.other_resources);
    let came = now.other_resources.iter().filter(|known| !before.has(known));
    came.chain(&now.resources).collect()
}

/// The collections and resources of a home that a restore does not concern, at the earlier time and
/// now.
struct Rest<'r> {
    then: HashMap<ObjectId, &'r Spot>,
    now: Spots<'r>,
    taken: HashSet<Spot>,
    /// Paths of the collections that have the same path at both times.
    collections: HashSet<&'r str>,
}

impl<'r> Rest<'r> {
    fn of(then: &'r Holding, now: &'r Holding) -> Self {
        let known: HashSet<_> = now.other_collections.iter().collect();
        Self {
            then: then.other_resources.iter().map(|old| (old.object, &old.spot)).collect(),
            now: Spots::of(&now.other_resources),
            taken: now.resources.iter().map(|known| known.spot.clone()).collect(),
            collections: then
                .other_collections
                .iter()
                .filter(|one| known.contains(one))
                .map(|(_, name)| name.as_str())
                .collect(),
        }
    }

    /// Returns the step for a resource that was not at its present place at the earlier time. It is
    /// deleted if it was not in the rest of the home then, or if its place there has a copy of it
    /// now. Otherwise it is moved back to that place or, if that is not possible, left where it is.
    fn leave(&self, known: &Resource) -> Step {
        let spot = known.spot.clone();
        match self.then.get(&known.object) {
            None => Step::Delete(spot),
            Some(was) => match self.now.at(was) {
                Some(there) if there.object == known.object => Step::Delete(spot),
                None if self.collections.contains(was.collection.as_str()) && !known.is_file => {
                    Step::Move { from: spot, to: (*was).clone() }
                }
                Some(_) | None => Step::Keep { spot, was: (*was).clone() },
            },
        }
    }

    /// Returns the step of [`Self::leave`] for a resource whose name another resource needs.
    /// Instead of being left where it is, an object gets another name.
    fn make_room(&self, known: &Resource) -> Step {
        match self.leave(known) {
            Step::Keep { spot, .. } if !known.is_file => {
                let to = unused(&spot, &self.taken);
                Step::Move { from: spot, to }
            }
            step => step,
        }
    }
}

/// Index of resources by their places.
struct Spots<'r>(HashMap<&'r Spot, &'r Resource>);

impl<'r> Spots<'r> {
    fn of(resources: impl IntoIterator<Item = &'r Resource>) -> Self {
        Self(resources.into_iter().map(|resource| (&resource.spot, resource)).collect())
    }

    fn at(&self, spot: &Spot) -> Option<&'r Resource> {
        self.0.get(spot).copied()
    }

    /// Returns true if the index has this resource, at this place.
    fn has(&self, resource: &Resource) -> bool {
        self.at(&resource.spot).is_some_and(|known| known.is_same(resource))
    }
}

/// Returns the steps that rename and create collections, and applies them to `now`. Repeats until
/// nothing changes, because a rename may release a path that another collection needs.
fn collections(then: &Holding, now: &mut Holding) -> Vec<Step> {
    let mut steps = vec![];
    loop {
        let known = steps.len();
        for (id, name) in &then.collections {
            steps.extend(collection(*id, name, now));
        }
        if steps.len() == known {
            return steps;
        }
    }
}

/// Returns the step that renames or creates a collection, and applies it to `now`. `None` if a
/// collection with that path exists.
fn collection(id: CollectionId, name: &str, now: &mut Holding) -> Option<Step> {
    if now.collections.iter().any(|(_, known)| known == name) {
        return None;
    }
    let Some(from) = now.collections.iter().find(|(known, _)| *known == id).map(|(_, today)| today.clone()) else {
        now.collections.push((id, name.to_owned()));
        return Some(Step::Create(name.to_owned()));
    };
    let renamed = |path: &mut String| match path.strip_prefix(&from) {
        Some(rest) if rest.is_empty() || rest.starts_with(SEPARATOR) => *path = format!("{name}{rest}"),
        Some(_) | None => {}
    };
    now.collections.iter_mut().for_each(|(_, path)| renamed(path));
    now.resources.iter_mut().for_each(|known| renamed(&mut known.spot.collection));
    Some(Step::Rename { from, to: name.to_owned() })
}

/// Returns the moves of objects in `now` to the places of `wanted`, each as source and destination.
/// `goal` has the places of `wanted`, `known` those of `now`. A source in the same collection is
/// preferred, because a collection has each UID once (RFC 4791 §5.3.2.1).
fn moves(wanted: &[&Resource], goal: &Spots<'_>, known: &Spots<'_>, now: &[&Resource]) -> Vec<(Spot, Spot)> {
    let mut free: HashMap<ObjectId, Vec<&Resource>> = HashMap::new();
    for known in now.iter().copied().filter(|known| !goal.has(known)) {
        free.entry(known.object).or_default().push(known);
    }
    let mut moves = vec![];
    for old in wanted.iter().filter(|old| !old.is_file && !known.has(old)) {
        let Some(sources) = free.get_mut(&old.object) else { continue };
        let is_beside = |known: &&Resource| known.spot.collection == old.spot.collection;
        let source = sources.iter().rposition(is_beside).or(sources.len().checked_sub(1));
        if let Some(source) = source.map(|source| sources.remove(source)) {
            moves.push((source.spot.clone(), old.spot.clone()));
        }
    }
    moves
}

/// Returns moves that free the destinations of `moves`. An object that is neither moved nor deleted
/// goes from such a place back to its former one, or to a temporary name if that place is taken.
/// `taken`: the places in use, before and after the returned moves.
fn release(then: &[Resource], now: &[Resource], moves: &[(Spot, Spot)], taken: &mut HashSet<Spot>) -> Vec<Step> {
    let leaves = |known: &&Resource| {
        taken.contains(&known.spot)
            && moves.iter().any(|(_, to)| *to == known.spot)
            && moves.iter().all(|(from, _)| *from != known.spot)
    };
    let leaving: Vec<_> = now.iter().filter(leaves).collect();
    let mut steps = vec![];
    for known in leaving {
        let former = then.iter().rev().find(|old| old.object == known.object).map(|old| &old.spot);
        let to = former.filter(|spot| !taken.contains(*spot)).cloned();
        let to = to.unwrap_or_else(|| unused(&known.spot, taken));
        taken.remove(&known.spot);
        taken.insert(to.clone());
        steps.push(Step::Move { from: known.spot.clone(), to });
    }
    steps
}

/// Returns `moves` in an order in which each destination is free when it is needed. `taken`: the
/// places in use. If objects exchanged their names, one of them gets a temporary name first.
fn in_order(moves: &mut Vec<(Spot, Spot)>, mut taken: HashSet<Spot>) -> Vec<Step> {
    let mut steps = vec![];
    while !moves.is_empty() {
        let free = moves.iter().position(|(_, to)| !taken.contains(to));
        let (from, to) = if let Some(index) = free {
            moves.remove(index)
        } else {
            let (from, _) = &mut moves[0];
            let between = unused(from, &taken);
            (std::mem::replace(from, between.clone()), between)
        };
        taken.remove(&from);
        taken.insert(to.clone());
        steps.push(Step::Move { from, to });
    }
    steps
}

/// Returns the temporary name with this number, for an object whose own name another object has.
pub(super) fn temporary(number: usize) -> String {
    format!("restoring-{number}.ics")
}

fn unused(place: &Spot, taken: &HashSet<Spot>) -> Spot {
    let named = |number: usize| Spot { name: temporary(number), ..place.clone() };
    (0..=taken.len())
        .map(|number| named(number + 1))
        .find(|spot| !taken.contains(spot))
        .unwrap_or_else(|| place.clone())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// Returns the state of a home. `work/a.ics=1` is the object 1 in the collection `work`;
    /// `work/a.ics=1b` is the same object with another content.
    fn holding(collections: &[(u128, &str)], resources: &str) -> Holding {
        let resource = |text: &str| {
            let (path, content) = text.split_once('=').unwrap();
            let (collection, name) = path.split_once('/').unwrap();
            let object = content[..1].parse().unwrap();
            Resource {
                spot: Spot { collection: collection.to_owned(), name: name.to_owned() },
                object: ObjectId(Uuid::from_u128(object)),
                etag: content.to_owned(),
                is_file: name.starts_with("file"),
            }
        };
        Holding {
            collections: collections
                .iter()
                .map(|(id, name)| (CollectionId(Uuid::from_u128(*id)), (*name).to_owned()))
                .collect(),
            resources: resources.split_whitespace().map(resource).collect(),
            ..Holding::default()
        }
    }

    /// Returns a home with the calendar `w`, which is restored, and the calendar `x` as the rest.
    fn beside(resources: &str, rest: &str) -> Holding {
        let rest = holding(&[(2, "x")], rest);
        Holding {
            other_collections: rest.collections,
            other_resources: rest.resources,
            ..holding(&[(1, "w")], resources)
        }
    }

    fn shown(steps: &[Step]) -> Vec<String> {
        let verb = |step: &Step| match step {
            Step::Create(_) => "create",
            Step::Rename { .. } => "rename",
            Step::Move { .. } => "move",
            Step::Put(_) => "put",
            Step::Delete(_) => "delete",
            Step::Keep { .. } => "keep",
        };
        steps.iter().map(|step| format!("{} {step}", verb(step))).collect()
    }

    #[test]
    fn an_object_that_existed_is_moved_back_and_never_deleted() {
        let rows: [(&str, &str, &str, &[&str]); 11] = [
            ("the same", "w/a=1 w/b=2", "w/a=1 w/b=2", &[]),
            ("changed", "w/a=1", "w/a=1b", &["put w/a"]),
            ("gone", "w/a=1", "", &["put w/a"]),
            ("came later", "", "w/a=1", &["delete w/a"]),
            ("renamed", "w/a=1", "w/b=1", &["move w/b to w/a"]),
            ("renamed and changed", "w/a=1", "w/b=1b", &["move w/b to w/a", "put w/a"]),
            ("the name is another's", "w/a=1", "w/a=2", &["delete w/a", "put w/a"]),
            ("renamed, and the name is another's", "w/a=1", "w/a=2 w/b=1", &["delete w/a", "move w/b to w/a"]),
            (
                "exchanged",
                "w/a=1 w/b=2",
                "w/a=2 w/b=1",
                &["move w/b to w/restoring-1.ics", "move w/a to w/b", "move w/restoring-1.ics to w/a"],
            ),
            ("moved on in turn", "w/a=1 w/b=2", "w/b=1 w/c=2", &["move w/b to w/a", "move w/c to w/b"]),
            ("a file by its name", "w/file=1", "w/file=2", &["put w/file"]),
        ];
        for (title, then, now, expected) in rows {
            let (then, now) = (holding(&[(1, "w")], then), holding(&[(1, "w")], now));
            assert_eq!(shown(&steps(&then, now, None)), expected, "{title}");
        }
    }

    #[test]
    fn an_object_that_went_to_another_calendar_comes_back_and_one_that_came_from_there_is_not_deleted() {
        let rows: [(&str, Holding, Holding, &[&str]); 7] = [
            ("went", beside("w/a=1", ""), beside("", "x/b=1"), &["move x/b to w/a"]),
            ("went and changed", beside("w/a=1", ""), beside("", "x/b=1b"), &["move x/b to w/a", "put w/a"]),
            ("was in both", beside("w/a=1", "x/a=1"), beside("", "x/a=1"), &["put w/a"]),
            ("came", beside("", "x/a=1"), beside("w/a=1", ""), &["move w/a to x/a"]),
            ("came as a copy", beside("", "x/a=1"), beside("w/a=1", "x/a=1"), &["delete w/a"]),
            (
                "its name there is taken",
                beside("", "x/a=1"),
                beside("w/a=1", "x/a=2"),
                &["keep w/a, which was at x/a then"],
            ),
            (
                "and its name here is needed",
                beside("w/a=3", "x/a=1"),
                beside("w/a=1", "x/a=2"),
                &["move w/a to w/restoring-1.ics", "put w/a"],
            ),
        ];
        for (title, then, now, expected) in rows {
            assert_eq!(shown(&steps(&then, now, None)), expected, "{title}");
        }
        let steps = steps(&beside("w/a=1 w/c=3", ""), beside("w/c=3b", "x/a=1"), Some("a"));
        assert_eq!(shown(&steps), ["move x/a to w/a"], "one name");
    }

    #[test]
    fn one_name_is_restored_and_nothing_of_another_name_is_deleted() {
        let rows: [(&str, &str, &str, &[&str]); 6] = [
            (
                "the name is of an older one, and its own is taken",
                "w/a=1 w/b=2",
                "w/a=2 w/b=1",
                &["move w/a to w/restoring-1.ics", "move w/b to w/a"],
            ),
            ("another changed", "w/a=1 w/b=2", "w/a=1b w/b=2b", &["put w/a"]),
            ("renamed", "w/a=1", "w/b=1", &["move w/b to w/a"]),
            ("the name is of a later one", "w/a=1", "w/a=2 w/c=3", &["delete w/a", "put w/a"]),
            ("the name is of an older one", "w/a=1 w/b=2", "w/a=2", &["put w/a"]),
            ("the name is of an older one", "w/a=1 w/b=2", "w/a=2 w/c=1", &["move w/a to w/b", "move w/c to w/a"]),
        ];
        for (title, then, now, expected) in rows {
            let (then, now) = (holding(&[(1, "w")], then), holding(&[(1, "w")], now));
            assert_eq!(shown(&steps(&then, now, Some("a"))), expected, "{title}");
        }
    }

    #[test]
    fn a_collection_that_has_another_path_gets_its_own_back() {
        let then = holding(&[(1, "w"), (2, "x"), (3, "x/y")], "w/a=1 x/b=2");
        let now = holding(&[(1, "w"), (2, "z"), (3, "z/y")], "w/b=2 w/a=1 z/c=3");
        let expected = ["rename z to x", "move w/b to x/b", "delete x/c"];
        assert_eq!(shown(&steps(&then, now, None)), expected);
        let now = holding(&[(1, "w")], "w/a=1");
        assert_eq!(shown(&steps(&then, now, None)), ["create x", "create x/y", "put x/b"]);
        // The collection y was moved to the path x and replaced x.
        let (then, now) = (holding(&[(1, "x"), (2, "y")], "x/a=1 y/b=2"), holding(&[(2, "x")], "x/b=2"));
        assert_eq!(shown(&steps(&then, now, None)), ["rename x to y", "create x", "put x/a"]);
        let (then, now) = (holding(&[(1, "x"), (2, "y")], ""), holding(&[(2, "x"), (1, "z")], ""));
        assert_eq!(shown(&steps(&then, now, None)), ["rename x to y", "rename z to x"]);
    }
}
