//! A protocol double of KurrentDB in memory, with faults that a test can switch on.
//!
//! **Invariant:** the double follows the documented rules of the protocol and adds none. If a
//! server may behave in several ways, a test can select one. Nothing is durable. Features that
//! Daybook's client does not use are missing: persistent subscriptions, projections, users, batch
//! appends, regular expressions in filters.

#![expect(clippy::result_large_err, reason = "a status is as large as tonic made it")]

mod cluster;
mod faults;
mod gossip;
pub mod log;
mod node;
mod read;
mod streams;
mod subscription;
mod tls;
mod wire;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use crate::{
    cluster::Calls,
    faults::{Faults, Switch},
    tls::authority,
};
use crate::{
    cluster::{Cluster, Member},
    log::Log,
    node::Node,
};

/// Maximum number of further attempts to listen on a port.
const PORT_TRIES: u32 = 100;
/// Pause between two attempts to listen on a port.
const PORT_PAUSE: Duration = Duration::from_millis(100);

/// Setup of a double.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Port of the first node; the other nodes use the next ports. 0: free ports are used.
    pub port: u16,
    pub tls: bool,
    /// Credentials `name:password` that every call must have. `None`: calls need no credentials.
    pub login: Option<String>,
}

/// A running server, or several servers as one cluster. Dropping the value ends them.
#[derive(Debug)]
pub struct Double {
    cluster: Arc<Cluster>,
    nodes: Mutex<Vec<Option<Node>>>,
    setting: Setting,
}

impl Double {
    /// Starts one node, without credentials and TLS.
    pub fn start() -> Self {
        Self::with(1, Setting::default())
    }

    /// Starts a cluster with this number of nodes. The first node is the leader.
    pub fn with(nodes: usize, setting: Setting) -> Self {
        let cluster = Arc::new(Cluster::new(setting.login.clone()));
        let listeners: Vec<_> = (0..nodes).map(|index| listen(&setting, index)).collect();
        cluster.members().all = listeners.iter().map(member).collect();
        let double = Self { cluster, nodes: Mutex::new((0..nodes).map(|_| None).collect()), setting };
        listeners.into_iter().enumerate().for_each(|(node, listener)| double.live(node, listener));
        double
    }

    /// Returns a connection string for all nodes.
    pub fn url(&self) -> String {
        let members = self.cluster.members();
        let addresses: Vec<_> = members.all.iter().map(|member| member.address.to_string()).collect();
        let login = self.setting.login.as_ref().map_or_else(String::new, |login| format!("{login}@"));
        let tls = if self.setting.tls {
            format!("tls=true&tlsCaFile={}", authority().display())
        } else {
            "tls=false".to_owned()
        };
        format!("kurrentdb://{login}{}?{tls}", addresses.join(","))
    }

    pub fn faults(&self) -> &Faults {
        &self.cluster.faults
    }

    pub fn calls(&self) -> &Calls {
        &self.cluster.calls
    }

    pub fn log(&self) -> &Log {
        &self.cluster.log
    }

    /// Breaks all connections of a node and refuses new ones.
    pub fn kill(&self, node: usize) {
        self.cluster.members().all[node].is_alive = false;
        drop(self.nodes()[node].take());
    }

    /// Starts a killed node again, at the same address.
    pub fn revive(&self, node: usize) {
        let address = self.cluster.members().all[node].address;
        self.live(node, listen_again(address));
    }

    fn live(&self, node: usize, listener: TcpListener) {
        let started = Node::start(&self.cluster, node, listener, self.setting.tls).expect("a node starts");
        self.nodes()[node] = Some(started);
        self.cluster.members().all[node].is_alive = true;
    }

    /// Makes this node the leader.
    pub fn elect(&self, node: usize) {
        self.cluster.members().leader = node;
    }

    fn nodes(&self) -> MutexGuard<'_, Vec<Option<Node>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens on the configured port, or on a free one.
fn listen(setting: &Setting, index: usize) -> TcpListener {
    let port = if setting.port == 0 { 0 } else { setting.port + u16::try_from(index).expect("few nodes") };
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a free port")
}

/// Listens again on a port. Another program may use it for a moment, as the local port of a
/// connection.
fn listen_again(address: SocketAddr) -> TcpListener {
    for _ in 0..PORT_TRIES {
        if let Ok(listener) = TcpListener::bind(address) {
            return listener;
        }
        std::thread::sleep(PORT_PAUSE);
    }
    TcpListener::bind(address).expect("the port is free again")
}

fn member(listener: &TcpListener) -> Member {
    Member { address: listener.local_addr().expect("an address"), is_alive: false }
}
