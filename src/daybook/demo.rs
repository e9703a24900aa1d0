//! `daybook demo`: starts a server in a temporary folder or that of `--data`, plays the
//! conversation of the crate `demo`, and prints the meeting's timeline and the result of verifying
//! the journal.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use service::{Service, clock};

use crate::{
    cli::{Demo, Place},
    config::Config,
    data, engine, logging,
    principal::{self, Accounts, Passwords},
    serve,
};

/// The number of digits of a random id that makes the meetings of several demos distinct.
const ID_DIGITS: usize = 8;

pub(crate) async fn run(place: &Place, demo: &Demo) -> Result<()> {
    logging::quiet();
    // Dropping `temporary` removes the folder, so it must live until the end.
    let temporary = match &place.data {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("daybook-demo-")
                .tempdir()
                .context("a temporary folder for the demo cannot be made; name a folder with --data")?,
        ),
    };
    let folder = temporary.as_ref().map_or_else(|| place.data(), |folder| folder.path().to_owned());
    let mut config = Config::default();
    config.server.listen = demo.listen;
    config.server.journal = place.journal.clone().unwrap_or_default();
    let opened = data::open(&folder, &config).await?;
    let service = &opened.service;
    principal::register(service, &Accounts::parse(::demo::ACCOUNTS)?, &Passwords::Id).await?;
    let listen = config.server.listen;
    let running =
        http::serve(Arc::clone(service), config.http(), None).with_context(|| format!("cannot serve on {listen}"))?;
    let url = format!("http://{}", running.address());
    println!("A Daybook server runs on {url}/ with its journal in {}.", engine::shown(&folder, &config));
    let played = play(&url).await;
    if let Ok(uid) = &played {
        show_record(&folder, &config, service, uid).await?;
        println!("{}", ::demo::instructions(&url));
    }
    if demo.exit || played.is_err() {
        running.stop().await.context("the server did not stop cleanly")?;
    } else {
        println!("Serving until Ctrl-C.");
        serve::until_stopped(running).await?;
    }
    service.close();
    service.end().await;
    played.map(drop)
}

/// Plays the conversation against the server at `url`, and returns the meeting's UID.
async fn play(url: &str) -> Result<String> {
    let id = clock::new_id().simple().to_string();
    let now = chrono::DateTime::from_timestamp(clock::now().seconds(), 0).unwrap_or_default();
    ::demo::play(url, &id[id.len() - ID_DIGITS..], now).await
}

/// Prints the meeting's timeline and the result of verifying the journal's hash chain. An error
/// comes back if the chain is wrong.
async fn show_record(folder: &Path, config: &Config, service: &Service, uid: &str) -> Result<()> {
    let journal = engine::to_read(folder, config).await?;
    let evidence = audit::read::meeting(&*journal, service.models(), uid).await?;
    let timeline = audit::Timeline::of(&evidence, audit::Detail::Acts);
    println!("The meeting's timeline (daybook timeline {uid}):\n");
    print!("{}", audit::text::folded(&timeline, &audit::Clock::default()));
    let verdict = journal::verify(&*journal, |_| ()).await?;
    println!("\nverify: {}\n", audit::verdict::sentence(&verdict));
    ensure!(audit::verdict::is_ok(&verdict), "the journal is damaged or was altered");
    Ok(())
}
