//! `daybook demo`: a real server, a real conversation over HTTP, the story of it, and the proof.
//!
//! **Invariant:** everything that is printed as a fact was read over HTTP and checked; one wrong answer ends the demo
//! with a failure.

mod client;
mod connect;
mod copy;
mod meeting;
mod people;
mod story;

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};

use crate::{
    cli::{Demo, Place},
    config::{Config, Server},
    data, engine, logging, serve,
};

pub(crate) async fn run(place: &Place, demo: &Demo) -> Result<()> {
    logging::quiet()?;
    // Kept until the end: dropping it removes the folder.
    let temporary = match &place.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("daybook-demo-").tempdir().context("a folder for the demo")?),
    };
    let folder = temporary.as_ref().map_or_else(|| place.data(), |folder| folder.path().to_owned());
    let journal = place.journal.clone().unwrap_or_default();
    let config = Config { server: Server { listen: demo.listen, journal, ..Server::default() }, ..Config::default() };
    let opened = data::open(&folder, &config).await?;
    let service = &opened.service;
    people::register(service).await?;
    let listen = config.server.listen;
    let running =
        http::serve(Arc::clone(service), config.http()).with_context(|| format!("cannot serve on {listen}"))?;
    let url = format!("http://{}", running.address());
    println!("A Daybook server runs on {url}/ with its journal in {}.", engine::shown(&folder, &config));
    let played = story::play(&url).await;
    if let Ok(uid) = &played {
        tell(&folder, &config, service.models(), uid).await?;
        println!("{}", connect::instructions(&url));
    }
    if demo.exit || played.is_err() {
        running.stop().await.context("the server did not stop in order")?;
    } else {
        println!("Serving until Ctrl-C.");
        serve::until_told_to_stop(running).await?;
    }
    service.close();
    played.map(drop)
}

/// The meeting's timeline, and whether the journal is whole: read from the journal, as an auditor would.
async fn tell(folder: &Path, config: &Config, models: &::projections::ReadModels, uid: &str) -> Result<()> {
    let journal = engine::to_read(folder, config).await?;
    let timeline = audit::timeline(&*journal, models, uid).await?;
    println!("The meeting's timeline (daybook timeline {uid}):\n");
    print!("{}", audit::text::timeline(&timeline));
    let verdict = journal::verify(&*journal, |_| ()).await?;
    println!("\nverify: {}\n", audit::verdict::sentence(&verdict));
    ensure!(audit::verdict::is_ok(&verdict), "the journal is not what was written");
    Ok(())
}
