//! The server side of the control socket.

use std::{
    fs, io,
    os::unix::{fs::PermissionsExt as _, net},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use access_journal::Recorder;
use service::Service;
use tokio::{
    io::BufReader,
    net::{UnixListener, UnixStream},
    runtime,
    sync::{Semaphore, oneshot},
    task::LocalSet,
    time::timeout,
};

use super::{MAX_CONTROL_REQUEST_BYTES, Reply, Request};
use crate::machine;

/// The maximum number of connections that are served at the same time. Others wait.
const MAX_CONTROL_CONNECTIONS: usize = 8;
/// The time within which a connected client must send its next request.
const IDLE: Duration = Duration::from_secs(60);
/// The time for which the server waits for running commands when it stops.
const GRACE: Duration = Duration::from_secs(20);

/// The parts of the server that commands need.
#[derive(Debug)]
struct Known {
    service: Arc<Service>,
    /// The recorder of the access journal; `None` if the settings turn it off.
    recorder: Option<Arc<Recorder>>,
}

/// The open control socket of a server, with the thread that executes the commands.
#[derive(Debug)]
pub(crate) struct Control {
    /// A signal that ends the thread. Dropping it ends the thread too.
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
    file: PathBuf,
}

impl Control {
    /// Creates the socket and starts to execute commands. The caller has locked the data folder, so
    /// a socket that exists there is left from an earlier process and is replaced.
    pub(crate) fn start(data: &Path, service: &Arc<Service>, recorder: Option<Arc<Recorder>>) -> io::Result<Self> {
        let file = super::file(data);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (address, _folder) = super::address(data)?;
        let listener = net::UnixListener::bind(address)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        let (stop, stopped) = oneshot::channel();
        // Commands run on a separate thread, so that they do not delay the threads that serve
        // requests.
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let known = Arc::new(Known { service: Arc::clone(service), recorder });
        let run = move || runtime.block_on(LocalSet::new().run_until(take(listener, known, stopped)));
        let thread = thread::Builder::new().name("control".to_owned()).spawn(run)?;
        Ok(Self { stop, thread, file })
    }

    /// Accepts no more commands, and waits for the running ones, at most [`GRACE`].
    pub(crate) async fn stop(self) {
        let Self { stop, thread, file } = self;
        let _ = stop.send(());
        let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        let _ = fs::remove_file(&file);
    }
}

/// Accepts and executes commands until the server stops.
async fn take(listener: net::UnixListener, known: Arc<Known>, stopped: oneshot::Receiver<()>) {
    // One permit for each command that may run at the same time.
    let running = Arc::new(Semaphore::new(MAX_CONTROL_CONNECTIONS));
    tokio::select! {
        () = accept(listener, known, &running) => {}
        _ = stopped => {}
    }
    let places = u32::try_from(MAX_CONTROL_CONNECTIONS).unwrap_or(u32::MAX);
    if timeout(GRACE, running.acquire_many(places)).await.is_err() {
        tracing::warn!(
            "a command of an operator was interrupted, because the server stops: check how much of it was carried out \
            before you run it again"
        );
    }
}

async fn accept(listener: net::UnixListener, known: Arc<Known>, running: &Arc<Semaphore>) {
    let listener = match UnixListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            return tracing::error!(%error, "the control socket cannot be served, so commands that need the running \
                server fail: restart the server");
        }
    };
    let places = Arc::new(Semaphore::new(MAX_CONTROL_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (known, running) = (Arc::clone(&known), Arc::clone(running));
                tokio::task::spawn_local(async move {
                    let _place = place;
                    if let Err(error) = serve(stream, &known, &running).await {
                        tracing::warn!(%error, "the connection of a command to the control socket broke: \
                            check whether the command was carried out");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket cannot accept a connection; the server \
                    tries again every second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Answers the requests of one connection, one after the other.
async fn serve(mut stream: UnixStream, known: &Known, running: &Semaphore) -> io::Result<()> {
    let peer = stream.peer_cred()?;
    if !is_allowed(peer.uid(), rustix::process::geteuid().as_raw()) {
        let why = "the server accepts commands only from its own user and from root".to_owned();
        return super::write(&mut stream, &Reply::Refused { why }).await;
    }
    let operator = machine::operator_of(peer.uid(), peer.pid());
    let (input, mut output) = stream.split();
    let mut input = BufReader::new(input);
    loop {
        let Ok(request) = timeout(IDLE, super::read::<Request>(&mut input, MAX_CONTROL_REQUEST_BYTES)).await else {
            return Ok(());
        };
        let answer = match request {
            Ok(None) => return Ok(()),
            Ok(Some(request)) => {
                let Ok(_place) = running.acquire().await else { return Ok(()) };
                super::execute(&known.service, known.recorder.as_deref(), request, &operator).await
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let why = format!(
                    "the server cannot read the request, perhaps because command and server have different \
                     versions: {error}"
                );
                return super::write(&mut output, &Reply::Refused { why }).await;
            }
            Err(error) => return Err(error),
        };
        super::write(&mut output, &answer).await?;
    }
}

/// True if the user with the id `peer` may send commands to a server that runs as the user `own`.
fn is_allowed(peer: u32, own: u32) -> bool {
    peer == own || peer == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_user_and_root_may_send_commands() {
        for (peer, own, expected) in [(1000, 1000, true), (0, 1000, true), (1001, 1000, false), (1000, 0, false)] {
            assert_eq!(is_allowed(peer, own), expected, "{peer} {own}");
        }
    }
}
