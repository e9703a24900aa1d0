//! `daybook serve`: the server, until it is told to stop.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use service::Service;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    cli::{Place, Serve},
    config::Config,
    data, engine, logging,
};

pub(crate) async fn run(place: &Place, serve: &Serve, mut config: Config) -> Result<()> {
    logging::start(&config.log)?;
    config.server.listen = serve.listen.unwrap_or(config.server.listen);
    let folder = place.data();
    let opened = data::open(&folder, &config).await?;
    let service = &opened.service;
    unambiguous(service)?;
    let listen = config.server.listen;
    let running =
        http::serve(Arc::clone(service), config.http()).with_context(|| format!("cannot serve on {listen}"))?;
    let shown = engine::shown(&folder, &config);
    println!("Daybook serves {shown} on {}://{}/", running.scheme(), running.address());
    greet(service, &folder);
    until_told_to_stop(running).await?;
    service.close();
    println!("Stopped.");
    Ok(())
}

/// Says what a first start needs.
fn greet(service: &Service, folder: &Path) {
    let directory = service.models().directory();
    if directory.all().is_empty() {
        println!("Nobody is registered yet. Stop the server and add somebody:");
        println!(
            "  daybook --data {} principal add alice --address mailto:alice@example.com --password-stdin",
            folder.display()
        );
    }
}

/// Nobody can tell whose a message is that goes to an address of two.
fn unambiguous(service: &Service) -> Result<()> {
    let directory = service.models().directory();
    let told = |conflict: &projections::Conflict| {
        format!(
            "the address `{}` belongs to `{}`, and `{}` claims it too",
            conflict.address, conflict.holder, conflict.claimant
        )
    };
    let told: Vec<_> = directory.conflicts().iter().map(told).collect();
    anyhow::ensure!(told.is_empty(), "{}; register one of them anew without it", told.join("; "));
    Ok(())
}

/// Serves until SIGINT or SIGTERM, then lets requests under way finish, unless a second signal comes.
///
/// Nothing is lost by ending at once: what was answered is in the journal, and the next start goes on from there.
pub(crate) async fn until_told_to_stop(mut running: http::Running) -> Result<()> {
    let mut signals = Signals::new()?;
    loop {
        let signal = tokio::select! {
            signal = signals.next() => signal,
            ended = running.finished() => return ended.context("the server ended by itself"),
        };
        match signal {
            Told::Reload => reload(&running),
            Told::Stop => break,
        }
    }
    tracing::info!("stopping; a second signal ends at once");
    let stopping = running.stop();
    tokio::pin!(stopping);
    loop {
        tokio::select! {
            stopped = &mut stopping => return stopped.context("the server did not stop in order"),
            told = signals.next() => if let Told::Stop = told { break_off() },
        }
    }
}

fn break_off() -> ! {
    eprintln!("daybook: told twice to stop, so requests under way were broken off");
    std::process::exit(1)
}

fn reload(running: &http::Running) {
    match running.reload_certificate() {
        Ok(()) => tracing::info!("the certificate was read anew"),
        Err(error) => {
            let error = anyhow::Error::from(error);
            tracing::error!("the certificate in use stays, the new one cannot be read: {error:#}");
        }
    }
}

/// What a signal tells.
enum Told {
    Stop,
    Reload,
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::Stop,
            _ = self.terminate.recv() => Told::Stop,
            _ = self.hang_up.recv() => Told::Reload,
        }
    }
}
