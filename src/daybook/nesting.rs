//! Groups in groups. No group may contain itself, directly or through other groups. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

/// Groups and their members. A member that is no key is not a group, or is unknown.
#[derive(Debug, Clone)]
pub(crate) struct Nesting<T>(BTreeMap<T, Vec<T>>);

impl<T: Ord + Clone> Nesting<T> {
    pub(crate) fn of(groups: impl IntoIterator<Item = (T, Vec<T>)>) -> Self {
        Self(groups.into_iter().collect())
    }

    /// Sets all members of a group.
    pub(crate) fn set(&mut self, group: T, members: Vec<T>) {
        self.0.insert(group, members);
    }

    pub(crate) fn has(&self, group: &T) -> bool {
        self.0.contains_key(group)
    }

    /// Adds a member to a group. Returns false, and adds nothing, if the group would contain
    /// itself.
    pub(crate) fn add(&mut self, group: &T, member: T) -> bool {
        if member == *group || self.way(&member, group).is_some() {
            return false;
        }
        self.0.entry(group.clone()).or_default().push(member);
        true
    }

    /// Returns the circle that leads from a group to itself, as a list in which each group is a
    /// member of the one before it, and the first is a member of the last. `None` if the group does
    /// not contain itself.
    pub(crate) fn circle_of(&self, group: &T) -> Option<Vec<T>> {
        self.way(group, group)
    }

    /// Returns the groups in an order in which each comes after the groups in it. If they get their
    /// members in this order, no group contains itself meanwhile, whatever the members were before.
    pub(crate) fn innermost_first(&self, groups: impl IntoIterator<Item = T>) -> Vec<T> {
        let wanted: BTreeSet<T> = groups.into_iter().collect();
        let (mut seen, mut order) = (BTreeSet::new(), vec![]);
        for group in &wanted {
            // Each group twice: the first time its members are visited, the second time it follows
            // them.
            let mut open = vec![(group, false)];
            while let Some((group, is_done)) = open.pop() {
                if is_done {
                    order.extend(wanted.get(group).cloned());
                } else if seen.insert(group) {
                    open.push((group, true));
                    open.extend(self.groups_in(group).map(|member| (member, false)));
                }
            }
        }
        order
    }

    /// Returns the groups through which `to` is in `from`: first `from`, then each a member of the
    /// one before it, without `to`. `None` if `to` is not in `from`.
    fn way(&self, from: &T, to: &T) -> Option<Vec<T>> {
        let mut above: BTreeMap<&T, &T> = BTreeMap::new();
        let mut open = vec![from];
        while let Some(group) = open.pop() {
            for member in self.groups_in(group) {
                if member == to {
                    let mut way = vec![group.clone()];
                    let mut at = group;
                    while at != from {
                        at = above.get(at)?;
                        way.push(at.clone());
                    }
                    way.reverse();
                    return Some(way);
                }
                if member != from && !above.contains_key(member) {
                    above.insert(member, group);
                    open.push(member);
                }
            }
        }
        None
    }

    fn groups_in(&self, group: &T) -> impl Iterator<Item = &T> {
        self.0.get(group).into_iter().flatten().filter(|member| self.has(member))
    }
}

/// Says which members make a circle of groups. `names` is the circle as [`Nesting::circle_of`]
/// returns it.
pub(crate) fn sentence(names: &[String]) -> String {
    let pairs = names.iter().zip(names.iter().cycle().skip(1));
    let verbs = iter::once(" would have").chain(iter::repeat(""));
    let members = pairs.zip(verbs).map(|((group, member), verb)| format!("`{group}`{verb} the member `{member}`"));
    let members = members.collect::<Vec<_>>().join(", ");
    format!("{members}: no group may contain itself, directly or through other groups")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads groups: `a=b,c` is the group `a` with the members `b` and `c`.
    fn nesting(groups: &'static str) -> Nesting<&'static str> {
        let groups = groups.split(' ').filter_map(|group| group.split_once('='));
        Nesting::of(groups.map(|(group, members)| (group, members.split(',').collect())))
    }

    #[test]
    fn a_circle_is_found_however_long_it_is() {
        let rows: [(&str, &str, Option<&[&str]>); 6] = [
            ("a=x b=a", "b", None),
            ("a=a", "a", Some(&["a"])),
            ("a=x,b b=y,c c=z,a", "a", Some(&["a", "b", "c"])),
            ("a=b b=c c=b", "a", None),
            ("a=b b=c c=b", "c", Some(&["c", "b"])),
            ("a=b,c b=d c=d d=x", "a", None),
        ];
        for (groups, group, expected) in rows {
            assert_eq!(nesting(groups).circle_of(&group).as_deref(), expected, "{groups}");
        }
        let names = ["a", "b", "c"].map(str::to_owned);
        let end = ": no group may contain itself, directly or through other groups";
        let three = "`a` would have the member `b`, `b` the member `c`, `c` the member `a`";
        assert_eq!(sentence(&names), format!("{three}{end}"));
        assert_eq!(sentence(&names[..1]), format!("`a` would have the member `a`{end}"));
        let names = ["see the member list", "b"].map(str::to_owned);
        let two = "`see the member list` would have the member `b`, `b` the member `see the member list`";
        assert_eq!(sentence(&names), format!("{two}{end}"));
    }

    #[test]
    fn a_group_comes_after_those_in_it() {
        let groups = nesting("a=b,c b=d c=d,x d=y e=a");
        assert_eq!(groups.innermost_first(["e", "a", "b", "c", "d"]), ["d", "c", "b", "a", "e"]);
        assert_eq!(groups.innermost_first(["a", "d"]), ["d", "a"]);
        let mut circle = nesting("a=b b=c c=x");
        assert!(!circle.add(&"c", "a") && !circle.add(&"c", "c") && circle.add(&"c", "y"));
    }
}
