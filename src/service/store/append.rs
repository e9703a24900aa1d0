//! Appends decisions to the journal, and retries appends whose outcome is unknown.

use std::{sync::Arc, time::Duration};

use journal::{Append, AppendError, Appended, Failure, Journal};
use schemas::Position;

use super::{Aggregate, Decision, Store, Write};
use crate::freshness::Subject;

/// Maximum number of retries of an append with an unknown outcome.
const MAX_REPEATS: u32 = 3;
/// Pause before the first retry; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// The way in which the appends of one call depend on each other.
#[derive(Debug, Clone, Copy)]
enum Bond {
    /// Each is stored if it fits.
    Each,
    /// All are stored, or none ([`Journal::append_together`]).
    Together,
}

impl Store {
    pub(crate) async fn append<A: Aggregate>(&self, decision: &Decision<A>) -> Result<Appended, AppendError> {
        self.append_many(vec![decision.write()]).await.pop().expect("every append is answered")
    }

    /// Appends in a separate task, which records the outcome even if the client disconnects.
    pub(crate) async fn append_many(&self, writes: Vec<Write>) -> Vec<Result<Appended, AppendError>> {
        self.append_all(writes, Bond::Each).await
    }

    /// Appends to different streams: all writes, or none. The journal's
    /// [`append_together`](Journal::append_together) says what an engine without such transactions
    /// does.
    pub(crate) async fn append_together(&self, writes: Vec<Write>) -> Result<Vec<Appended>, AppendError> {
        self.append_all(writes, Bond::Together).await.into_iter().collect()
    }

    async fn append_all(&self, writes: Vec<Write>, bond: Bond) -> Vec<Result<Appended, AppendError>> {
        let count = writes.len();
        let changes_directory = writes.iter().any(|write| write.subject == Subject::Directory);
        let change = if changes_directory { Some(self.directory.change().await) } else { None };
        let begin = |mut write: Write| {
            write.append.metadata.server = self.server.get().copied();
            (self.freshness.begin(write.subject), write.append)
        };
        let (in_flight, appends): (Vec<_>, Vec<_>) = writes.into_iter().map(begin).unzip();
        let journal = Arc::clone(&self.journal);
        let task = tokio::spawn(async move {
            let answers = append_repeatedly(&*journal, appends, bond).await;
            for (in_flight, answer) in in_flight.into_iter().zip(&answers) {
                match (answer, bond) {
                    (Ok(appended), _) => in_flight.settle(appended.position),
                    (Err(AppendError::WrongExpectedRevision { .. } | AppendError::TooLarge { .. }), Bond::Each) => {
                        in_flight.settle(Position::START);
                    }
                    // An engine that cannot store them together may have stored those before the
                    // refused one.
                    (Err(_), Bond::Together) | (Err(AppendError::Unavailable(_)), _) => drop(in_flight),
                }
            }
            drop(change);
            answers
        });
        // The task has no answer only if the runtime shuts down, or because of a bug.
        task.await.unwrap_or_else(|_| vec![Err(AppendError::Unavailable(Failure::Closed)); count])
    }
}

/// Appends, and retries appends with an unknown outcome, with the same ids. The outcome matters,
/// because the caller delivers the messages of stored appends.
async fn append_repeatedly(
    journal: &dyn Journal,
    appends: Vec<Append>,
    bond: Bond,
) -> Vec<Result<Appended, AppendError>> {
    let mut answers = append_once(journal, appends.clone(), bond).await;
    let mut pause = FIRST_PAUSE;
    for _ in 0..MAX_REPEATS {
        let unknown: Vec<_> = (0..answers.len()).filter(|index| is_unknown(&answers[*index])).collect();
        if unknown.is_empty() {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        let repeated = unknown.iter().map(|index| appends[*index].clone()).collect();
        for (index, answer) in unknown.into_iter().zip(append_once(journal, repeated, bond).await) {
            answers[index] = answer;
        }
    }
    answers
}

async fn append_once(journal: &dyn Journal, appends: Vec<Append>, bond: Bond) -> Vec<Result<Appended, AppendError>> {
    let count = appends.len();
    match bond {
        Bond::Each => journal.append_many(appends).await,
        Bond::Together => match journal.append_together(appends).await {
            Ok(stored) => stored.into_iter().map(Ok).collect(),
            Err(refused) => vec![Err(refused); count],
        },
    }
}

fn is_unknown(answer: &Result<Appended, AppendError>) -> bool {
    matches!(answer, Err(AppendError::Unavailable(Failure::Storage(_))))
}
