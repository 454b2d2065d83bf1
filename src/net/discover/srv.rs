//! Mail servers by DNS SRV (RFC 6186, RFC 8314). DNS is not authenticated: what it names must be of the mailbox's own
//! domain, and TLS decides after that.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use tokio::time::timeout;

use crate::domain::account::{Endpoint, Security};
use crate::net::Error;

/// Time for all questions.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most records looked at.
const MOST: usize = 16;

/// Where to read and where to send, when the domain says both.
pub(super) async fn servers(domain: &str, dns: Option<SocketAddr>) -> Option<(Endpoint, Endpoint)> {
    let resolver = resolver(dns).ok()?;
    let ask = |service: &'static str, security| {
        let resolver = &resolver;
        async move { best(resolver, service, domain).await.map(|(host, port)| Endpoint { host, port, security }) }
    };
    let questions = async {
        tokio::join!(
            ask("_imaps._tcp", Security::Tls),
            ask("_imap._tcp", Security::StartTls),
            ask("_submissions._tcp", Security::Tls),
            ask("_submission._tcp", Security::StartTls),
        )
    };
    let (imaps, imap, submissions, submission) = timeout(PATIENCE, questions).await.ok()?;
    Some((imaps.or(imap)?, submissions.or(submission)?))
}

fn resolver(dns: Option<SocketAddr>) -> Result<TokioResolver, Error> {
    let failed = |error: hickory_resolver::net::NetError| Error::Settings(error.to_string());
    let Some(at) = dns else {
        return TokioResolver::builder_tokio().map_err(failed)?.build().map_err(failed);
    };
    let mut server = NameServerConfig::udp_and_tcp(at.ip());
    server.connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .into_iter()
        .map(|mut connection| {
            connection.port = at.port();
            connection
        })
        .collect();
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().map_err(failed)
}

/// The target of the lowest priority, the heaviest of several. A target of `.` says that there is no such service.
async fn best(resolver: &TokioResolver, service: &str, domain: &str) -> Option<(String, u16)> {
    let found = resolver.srv_lookup(format!("{service}.{domain}.")).await.ok()?;
    found
        .answers()
        .iter()
        .take(MOST)
        .filter_map(|record| match &record.data {
            RData::SRV(srv) => Some(srv),
            _ => None,
        })
        .filter(|srv| !srv.target.is_root() && srv.port != 0)
        .min_by_key(|srv| (srv.priority, u16::MAX - srv.weight))
        .map(|srv| (srv.target.to_ascii().trim_end_matches('.').to_owned(), srv.port))
}
