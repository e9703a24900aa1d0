//! Plays a history with the real service.

use std::sync::Arc;

use journal::memory::Memory;
use schemas::Client;
use service::{
    Stamp,
    clock::{self, Sending},
};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    act::perform,
    check::{self, Acknowledged},
    faulty::Crash,
    history::{History, Restart, Step, Weather},
    life::{self, Life, Lived},
    mirror::Mirror,
    people::registrations,
};

/// Plays a history to its end. Returns an error that names the first law that does not hold.
pub fn play(history: &History) -> Result<(), String> {
    let mut world = World::begin(history);
    for step in &history.steps {
        world.step(step)?;
    }
    world.end()
}

struct World<'a> {
    history: &'a History,
    memory: Arc<Memory>,
    folder: TempDir,
    /// The running servers; `None` only between the shutdown and the next start.
    life: Option<Life>,
    lives: u64,
    acts: u64,
    turn: usize,
    /// One synchronizing client for each server.
    mirrors: Vec<Mirror>,
    acknowledged: Vec<Acknowledged>,
}

impl<'a> World<'a> {
    fn begin(history: &'a History) -> Self {
        let memory = Arc::new(Memory::new());
        let folder = life::place();
        let calm = History { weather: Weather::Calm, nodes: 1, ..history.clone() };
        let first = Life::begin(&memory, folder.path(), &calm, 0);
        let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
        let registered = first.run(0, None, first.service(0).register(&stamp, registrations()));
        assert!(matches!(registered, Lived::On(Ok(()))), "everybody is registered");
        first.end();
        let mut world = Self {
            history,
            memory,
            folder,
            life: None,
            lives: 0,
            acts: 0,
            turn: 0,
            mirrors: (0..history.nodes).map(|_| Mirror::default()).collect(),
            acknowledged: vec![],
        };
        world.live();
        world
    }

    fn live(&mut self) {
        self.lives += 1;
        self.life = Some(Life::begin(&self.memory, self.folder.path(), self.history, self.lives));
    }

    fn life(&self) -> &Life {
        self.life.as_ref().expect("a life")
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Crash { at, stored, during } => {
                self.act(during, Some(Crash { left: *at, stored: *stored }));
            }
            Step::Restart(with) => self.restart(*with),
            act => self.act(act, None),
        }
        self.synchronise()
    }

    fn synchronise(&mut self) -> Result<(), String> {
        let life = self.life.as_ref().expect("a life");
        let clients = self.mirrors.iter_mut().zip(life.services());
        clients.into_iter().try_for_each(|(mirror, service)| mirror.synchronise(service.models()))
    }

    fn restart(&mut self, with: Restart) {
        self.life.take().expect("a life").end();
        match with {
            Restart::WithEverything => {}
            Restart::WithoutReadModels => life::forget_read_models(self.folder.path()),
            Restart::WithoutCheckpoint => life::forget_checkpoint(self.folder.path()),
        }
        self.live();
    }

    fn act(&mut self, act: &Step, crash: Option<Crash>) {
        let (one, other) = match act {
            Step::Race(one, other) => (one.as_ref(), Some(other.as_ref())),
            act => (act, None),
        };
        let (first, second) = (self.stamp(), self.stamp());
        // The servers take turns. The two actions of a race run on different servers if there are
        // several.
        let (node, next) = (self.turn % self.history.nodes, (self.turn + 1) % self.history.nodes);
        self.turn += 1;
        let life = self.life();
        let lived = life.run(node, crash, async {
            let both = async {
                match other {
                    Some(other) => perform(life.service(next), other, &second).await,
                    None => None,
                }
            };
            let (one, other) = tokio::join!(perform(life.service(node), one, &first), both);
            one.into_iter().chain(other)
        });
        match lived {
            Lived::On(acknowledged) => self.acknowledged.extend(acknowledged),
            Lived::Died => {
                self.lives += 1;
                let life = self.life.as_mut().expect("a life");
                life.replace(node, self.folder.path(), self.history, self.lives);
            }
        }
    }

    fn stamp(&mut self) -> Stamp {
        self.acts += 1;
        let act = Uuid::new_v5(&Uuid::NAMESPACE_OID, &self.acts.to_be_bytes());
        let stamp = clock::stamp(None, None, Client { via: "PUT".to_owned(), ..Client::default() }, act);
        Stamp { act, sending: Sending::EVERYTHING, ..stamp }
    }

    /// Restarts the servers, waits until the system is at rest and checks the laws. Then delivers
    /// every message again and checks that this stores no further events.
    fn end(mut self) -> Result<(), String> {
        self.restart(Restart::WithEverything);
        if !self.life().settle() {
            return Err("there are messages that never arrive".to_owned());
        }
        self.synchronise()?;
        let before = check::everything(&self.memory);
        for service in self.life().services() {
            check::all((&self.memory, &before), service.models(), &self.acknowledged, self.history)
                .map_err(|why| format!("{why}\n{}", check::story(&before)))?;
        }
        self.restart(Restart::WithoutCheckpoint);
        if !self.life().settle() {
            return Err("delivering everything once more does not end".to_owned());
        }
        let after = check::everything(&self.memory);
        if let Some(more) = after.get(before.len()) {
            return Err(format!("delivering everything once more led to {more:?}"));
        }
        self.life.take().expect("a life").end();
        Ok(())
    }
}
