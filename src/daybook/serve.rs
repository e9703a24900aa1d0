//! `daybook serve`: the server, until it is told to stop.

use std::path::Path;

use anyhow::{Context as _, Result};
use service::Service;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::{Place, Serve},
    config::Config,
    data, logging,
};

pub(crate) async fn run(place: &Place, serve: &Serve, mut config: Config) -> Result<()> {
    logging::start(&config.log)?;
    config.listen = serve.listen.unwrap_or(config.listen);
    let folder = place.data();
    let service = data::open(&folder, &config).await?;
    let listen = config.listen;
    let running = http::serve(service.clone(), config.http()).with_context(|| format!("cannot listen on {listen}"))?;
    println!("Daybook serves {} on http://{}/", folder.display(), running.address());
    greet(&service, &folder);
    until_told_to_stop(running).await?;
    service.close();
    println!("Stopped.");
    Ok(())
}

/// Says what a first start needs, and what is wrong with the directory.
fn greet(service: &Service, folder: &Path) {
    let directory = service.models().directory();
    if directory.all().is_empty() {
        println!("Nobody is registered yet. Stop the server and add somebody:");
        println!(
            "  daybook --data {} principal add alice --address mailto:alice@example.com --password-stdin",
            folder.display()
        );
    }
    for address in directory.conflicts() {
        tracing::warn!(%address, "two principals claim this address; the first one registered keeps it");
    }
}

/// Serves until SIGINT or SIGTERM, then lets requests under way finish.
pub(crate) async fn until_told_to_stop(mut running: http::Running) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => tracing::info!("interrupted"),
        _ = terminate.recv() => tracing::info!("told to terminate"),
        ended = running.finished() => ended.context("the server ended by itself")?,
    }
    running.stop().await.context("the server did not stop in order")
}
