//! Decides several commands on one aggregate, one after the other.

/// Returns the events of several commands, each decided on the state after those before it. They
/// become one append: no reader sees the state between two of them.
///
/// Returns an error if one of the commands is refused: then none of them happens.
///
/// # Examples
///
/// ```
/// // A counter whose commands set it to a number, and whose events tell by how much it changes.
/// let decide = |known: &i32, wanted: i32| if wanted < 0 { Err("too small") } else { Ok(vec![wanted - known]) };
/// let evolve = |known: i32, change: &i32| known + change;
/// assert_eq!(calendar::in_turn(&1, [4, 4, 6], decide, evolve), Ok(vec![3, 0, 2]));
/// assert_eq!(calendar::in_turn(&1, [4, -1], decide, evolve), Err("too small"));
/// ```
pub fn in_turn<S: Clone, C, E, R>(
    state: &S,
    commands: impl IntoIterator<Item = C>,
    decide: impl Fn(&S, C) -> Result<Vec<E>, R>,
    evolve: impl Fn(S, &E) -> S,
) -> Result<Vec<E>, R> {
    let mut commands = commands.into_iter().peekable();
    let (mut all, mut after) = (vec![], None);
    while let Some(command) = commands.next() {
        let events = decide(after.as_ref().unwrap_or(state), command)?;
        // Most calls have one command. The state, which may hold long texts, is not copied then.
        if commands.peek().is_some() {
            let before = after.take().unwrap_or_else(|| state.clone());
            after = Some(events.iter().fold(before, &evolve));
        }
        all.extend(events);
    }
    Ok(all)
}
