//! `daybook serve`: runs the server until a signal stops it.

use std::{path::Path, sync::Arc};

use access_journal::Recorder;
use anyhow::{Context as _, Result};
use service::Service;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    access,
    cli::{Place, Serve},
    config::Config,
    control::{self, server::Control},
    data,
    directory::{self, Syncs},
    engine, logging, open_files, openid, proof, reserve, started, supervisor,
};

pub(crate) async fn run(place: &Place, serve: &Serve, mut config: Config) -> Result<()> {
    logging::start(&config.log)?;
    open_files::raise_limit();
    config.server.listen = serve.listen.unwrap_or(config.server.listen);
    let folder = place.data();
    let authority = directory::authority(&config)?;
    let figures = Arc::clone(&authority.figures);
    let opened = data::open_to_serve(&folder, &config, authority).await?;
    let service = &opened.service;
    unambiguous(service)?;
    let listen = config.server.listen;
    let recorder = access::start(&folder, &config, opened.layer()).await?;
    let (heads, provider) = (Some(proof::folder(&folder)), openid::provider(&config)?);
    let settings = http::Settings { heads, openid: provider, ..config.http() };
    let running = http::serve(Arc::clone(service), settings, recorder.clone())
        .with_context(|| format!("cannot serve on {listen}"))?;
    if let Some(recorder) = &recorder {
        access::anchor_regularly(service, recorder);
    }
    let control = take_commands(&folder, service, recorder.clone());
    let syncs = Syncs::start(&config, service, figures)?;
    let shown = engine::shown(&folder, &config);
    let serving = format!("serves {shown} on {}://{}/", running.scheme(), running.address());
    println!("Daybook {serving}");
    tracing::info!("daybook {} {serving}", env!("CARGO_PKG_VERSION"));
    // An error is only logged, because a server whose journal cannot be written can still answer
    // reads.
    if let Err(error) = service.record_start(started::facts(&config)).await {
        tracing::warn!(%error, "the start of the server could not be recorded in the journal; the server runs on");
    }
    supervisor::ready(&serving);
    greet(service, &folder);
    until_stopped(running).await?;
    if let Some(syncs) = syncs {
        syncs.stop().await;
    }
    if let Some(control) = control {
        control.stop().await;
    }
    if let Some(recorder) = recorder {
        access::stop(service, &recorder).await;
    }
    end(service).await;
    drop(opened);
    // Closed files give up their room.
    reserve::keep(&folder);
    println!("Stopped.");
    Ok(())
}

/// Records the stop of the server, and ends the service.
async fn end(service: &Service) {
    if let Err(error) = service.record_stop().await {
        tracing::warn!(%error, "the stop of the server could not be recorded in the journal; the server stops all \
            the same");
    }
    service.close();
    service.end().await;
}

/// Starts the control socket. `None` if it cannot be created, for example on a file system without
/// sockets. The server then still serves calendars.
fn take_commands(folder: &Path, service: &Arc<Service>, recorder: Option<Arc<Recorder>>) -> Option<Control> {
    let started = Control::start(folder, service, recorder);
    if let Err(error) = &started {
        let file = control::file(folder);
        tracing::warn!(%error, "the control socket {} cannot be made, so commands that change something fail while \
            the server runs: stop the server for them", file.display());
    }
    started.ok()
}

/// Prints the command that adds an account, if none is registered.
fn greet(service: &Service, folder: &Path) {
    let directory = service.models().directory();
    if directory.all().is_empty() {
        println!("No account is registered yet. Add one while the server runs:");
        println!(
            "  daybook --data {} principal add alice --address mailto:alice@example.com --password-stdin",
            folder.display()
        );
    }
}

/// Checks that no two accounts have the same address, because a message to it could not be
/// delivered.
fn unambiguous(service: &Service) -> Result<()> {
    let directory = service.models().directory();
    let described = |conflict: &projections::Conflict| {
        format!("the address `{}` belongs to both `{}` and `{}`", conflict.address, conflict.holder, conflict.claimant)
    };
    let described: Vec<_> = directory.conflicts().iter().map(described).collect();
    anyhow::ensure!(
        described.is_empty(),
        "{}; remove the address from one of them with `daybook principal alias NAME --remove ADDRESS`",
        described.join("; ")
    );
    Ok(())
}

/// Serves requests until SIGINT or SIGTERM, and then finishes the running ones. A second one of
/// these signals ends the process immediately. SIGHUP reloads the certificate.
///
/// An immediate end loses no acknowledged change, because it is in the journal. The next start
/// continues from there.
pub(crate) async fn until_stopped(mut running: http::Running) -> Result<()> {
    let mut signals = Signals::new()?;
    loop {
        let signal = tokio::select! {
            signal = signals.next() => signal,
            ended = running.finished() => return ended.context("the server stopped by itself, without a signal"),
        };
        match signal {
            Command::Reload => {
                supervisor::reloading();
                supervisor::ready(reload(&running));
            }
            Command::Stop => break,
        }
    }
    tracing::info!("the server stops after it has answered the running requests; a second signal stops it at once");
    supervisor::stopping();
    let stopping = running.stop();
    tokio::pin!(stopping);
    loop {
        tokio::select! {
            stopped = &mut stopping => return stopped.context("the server did not stop cleanly"),
            signal = signals.next() => if let Command::Stop = signal { abort() },
        }
    }
}

/// Ends the process without waiting for running requests.
fn abort() -> ! {
    eprintln!("daybook: running requests were aborted, because a second signal arrived");
    std::process::exit(1)
}

/// Reloads the certificate, and returns the status of the server for the service manager.
fn reload(running: &http::Running) -> &'static str {
    match running.reload_certificate() {
        Ok(true) => {
            tracing::info!("the TLS certificate was reloaded");
            "the TLS certificate was read again from its file and is in use"
        }
        Ok(false) => "nothing was reloaded, because the server does not use TLS",
        Err(error) => {
            let error = anyhow::Error::from(error);
            tracing::error!("the new TLS certificate could not be loaded, and the old one stays in use: {error:#}");
            "the new TLS certificate could not be loaded, and the old one stays in use; the log says why"
        }
    }
}

/// The action that a signal asks for.
enum Command {
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

    async fn next(&mut self) -> Command {
        tokio::select! {
            _ = self.interrupt.recv() => Command::Stop,
            _ = self.terminate.recv() => Command::Stop,
            _ = self.hang_up.recv() => Command::Reload,
        }
    }
}
