//! Shortens a failing history.

use super::{
    history::{History, Lag, Patience, Step, Weather},
    play::play,
};

/// The number of times that each candidate is played, because thread timing may hide a failure.
const TRIES: usize = 2;

/// Returns the shortest failing history that was found, and its failure.
pub fn shrink(history: History, why: String) -> (History, String) {
    let (mut best, mut reason) = (history, why);
    while let Some((shorter, why)) = candidates(&best).into_iter().find_map(fails) {
        (best, reason) = (shorter, why);
    }
    (best, reason)
}

fn fails(history: History) -> Option<(History, String)> {
    let why = (0..TRIES).find_map(|_| play(&history).err())?;
    Some((history, why))
}

fn candidates(history: &History) -> Vec<History> {
    let with = |steps: Vec<Step>| History { steps, ..history.clone() };
    let mut candidates = vec![];
    for at in 0..history.steps.len() {
        let mut steps = history.steps.clone();
        steps.remove(at);
        candidates.push(with(steps));
    }
    for (at, step) in history.steps.iter().enumerate() {
        for simpler in simpler(step) {
            let mut steps = history.steps.clone();
            steps[at] = simpler;
            candidates.push(with(steps));
        }
    }
    if history.nodes > 1 {
        candidates.push(History { nodes: 1, ..history.clone() });
    }
    if history.weather == Weather::Rough {
        candidates.push(History { weather: Weather::Calm, ..history.clone() });
    }
    if history.lag == Lag::Random {
        candidates.push(History { lag: Lag::None, ..history.clone() });
    }
    if history.patience == Patience::None {
        candidates.push(History { patience: Patience::UntilDelivered, ..history.clone() });
    }
    candidates
}

fn simpler(step: &Step) -> Vec<Step> {
    match step {
        Step::Race(one, other) => vec![(**one).clone(), (**other).clone()],
        Step::Crash { at, stored, during } => {
            let inner = simpler(during).into_iter().map(|during| Step::Crash {
                at: *at,
                stored: *stored,
                during: Box::new(during),
            });
            std::iter::once((**during).clone()).chain(inner).collect()
        }
        Step::Store { meeting, plan } => {
            let mut plans = vec![];
            if plan.daily {
                plans.push(super::plan::Plan { daily: false, ..*plan });
            }
            if plan.left_out.is_some() || plan.later.is_some() {
                plans.push(super::plan::Plan { left_out: None, ..*plan });
                plans.push(super::plan::Plan { later: None, ..*plan });
            }
            for (at, listed) in plan.guests.iter().enumerate() {
                if *listed {
                    let mut guests = plan.guests;
                    guests[at] = false;
                    plans.push(super::plan::Plan { guests, ..*plan });
                }
            }
            plans.retain(|simpler| simpler != plan);
            plans.into_iter().map(|plan| Step::Store { meeting: *meeting, plan }).collect()
        }
        _ => vec![],
    }
}
