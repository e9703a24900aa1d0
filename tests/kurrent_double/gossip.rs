//! The services `Gossip` and `ServerFeatures` of one node.

use std::sync::Arc;

use tonic::{Request, Response, Status, async_trait};

use crate::{
    cluster::{Calls, Cluster},
    wire::{gossip, server_features},
};
use gossip::member_info::VNodeState;

#[derive(Debug, Clone)]
pub(crate) struct Gossip {
    pub cluster: Arc<Cluster>,
}

#[async_trait]
impl gossip::gossip_server::Gossip for Gossip {
    async fn read(&self, _: Request<()>) -> Result<Response<gossip::ClusterInfo>, Status> {
        Calls::count(&self.cluster.calls.gossip);
        let members = self.cluster.members();
        let tell = |(index, member): (usize, &crate::cluster::Member)| gossip::MemberInfo {
            state: if index == members.leader { VNodeState::Leader } else { VNodeState::Follower }.into(),
            is_alive: member.is_alive,
            http_end_point: Some(gossip::EndPoint {
                address: member.address.ip().to_string(),
                port: member.address.port().into(),
            }),
            ..gossip::MemberInfo::default()
        };
        let members = members.all.iter().enumerate().map(tell).collect();
        Ok(Response::new(gossip::ClusterInfo { members }))
    }
}

/// The service `ServerFeatures`, which states the version of the emulated server.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    pub cluster: Arc<Cluster>,
}

const VERSION: &str = "24.10.0";

#[async_trait]
impl server_features::server_features_server::ServerFeatures for Features {
    async fn get_supported_methods(
        &self,
        _: Request<()>,
    ) -> Result<Response<server_features::SupportedMethods>, Status> {
        if self.cluster.faults.unavailable.strikes() {
            return Err(Status::unavailable("the server is not ready"));
        }
        let method = |name: &str| server_features::SupportedMethod {
            method_name: name.to_owned(),
            service_name: "event_store.client.streams.streams".to_owned(),
            features: vec![],
        };
        let methods = ["read", "append", "delete", "tombstone"].map(method).to_vec();
        let event_store_server_version = VERSION.to_owned();
        Ok(Response::new(server_features::SupportedMethods { methods, event_store_server_version }))
    }
}
