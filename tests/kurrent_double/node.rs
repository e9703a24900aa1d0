//! A node: a thread with its own runtime, so that the end of the node breaks all its connections.

use std::{io, net::TcpListener, sync::Arc, thread::JoinHandle};

use futures::{StreamExt as _, stream};
use tokio::sync::oneshot;
use tonic::transport::Server;

use crate::{
    cluster::Cluster,
    gossip::{Features, Gossip},
    streams::Streams,
    tls,
    wire::{
        gossip::gossip_server::GossipServer, server_features::server_features_server::ServerFeaturesServer,
        streams::streams_server::StreamsServer,
    },
};

/// Maximum size of a message in either direction, in bytes.
const MESSAGE_BYTES: usize = 17 * 1024 * 1024;

/// A running node. Dropping it ends the node and its connections.
#[derive(Debug)]
pub(crate) struct Node {
    die: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Node {
    pub(crate) fn start(cluster: &Arc<Cluster>, index: usize, listener: TcpListener, tls: bool) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let cluster = Arc::clone(cluster);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (die, died) = oneshot::channel();
        let thread = std::thread::Builder::new().name(format!("kurrent-node-{index}")).spawn(move || {
            runtime.spawn(serve(cluster, index, listener, tls));
            // Waits until the node is told to end, or is dropped.
            drop(died.blocking_recv());
            runtime.shutdown_background();
        })?;
        Ok(Self { die: Some(die), thread: Some(thread) })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.die.take());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok(), "the node's thread only waits");
        }
    }
}

async fn serve(cluster: Arc<Cluster>, node: usize, listener: TcpListener, tls: bool) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the listener does not block");
    let connections = stream::unfold(listener, |listener| async move {
        let accepted = listener.accept().await.and_then(|(connection, _)| {
            connection.set_nodelay(true)?;
            Ok(connection)
        });
        Some((accepted, listener))
    });
    let streams = StreamsServer::new(Streams { cluster: Arc::clone(&cluster), node })
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES);
    let services = Server::builder()
        .add_service(streams)
        .add_service(GossipServer::new(Gossip { cluster: Arc::clone(&cluster) }))
        .add_service(ServerFeaturesServer::new(Features { cluster }));
    let end = if tls {
        let acceptor = tls::acceptor();
        let secured = connections.then(move |connection| {
            let acceptor = acceptor.clone();
            async move { acceptor.accept(connection?).await }
        });
        services.serve_with_incoming(secured).await
    } else {
        services.serve_with_incoming(connections).await
    };
    end.expect("a node serves until it dies");
}
