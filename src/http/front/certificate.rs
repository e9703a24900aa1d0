//! The server's TLS certificate, which can be reloaded while the server runs.
//!
//! **Invariant:** a certificate that cannot be read never replaces the certificate in use. The
//! cryptography provider is chosen for this server only, not for the process, because other parts
//! of the process may use another.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::settings::Tls;

/// The only protocol that the server offers by ALPN (RFC 7301).
const PROTOCOL: &[u8] = b"http/1.1";

#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    #[error("the certificate or key in {} cannot be read; it must be a PEM file that the server may read", file.display())]
    Unreadable { file: PathBuf, source: pem::Error },
    #[error("{} contains no certificate; put the server's certificate chain there, in PEM", file.display())]
    Empty { file: PathBuf },
    #[error("the files of tls.certificate and tls.key do not belong together, or one of them cannot be used")]
    Pair(#[from] rustls::Error),
}

impl Tls {
    /// Checks the files of the certificate and the key by reading them as [`crate::serve`] does.
    /// `Err` names the file that cannot be read or contains no certificate, or says that the two
    /// files cannot be used together.
    pub fn check(&self) -> io::Result<()> {
        Certificate::read(self.clone()).map(drop)
    }
}

#[derive(Debug)]
pub(crate) struct Certificate {
    files: Tls,
    provider: Arc<CryptoProvider>,
    current: ArcSwap<CertifiedKey>,
}

impl Certificate {
    pub(crate) fn read(files: Tls) -> io::Result<Arc<Self>> {
        let provider = Arc::new(ring::default_provider());
        let current = ArcSwap::from_pointee(pair(&files, &provider).map_err(io::Error::other)?);
        Ok(Arc::new(Self { files, provider, current }))
    }

    /// Reads the files of the certificate and the key again; new connections use their new
    /// contents. On an error, the certificate in use stays in use.
    pub(crate) fn reload(&self) -> io::Result<()> {
        self.current.store(Arc::new(pair(&self.files, &self.provider).map_err(io::Error::other)?));
        Ok(())
    }

    pub(crate) fn configuration(self: &Arc<Self>) -> io::Result<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
        let mut configuration = builder.with_no_client_auth().with_cert_resolver(Arc::<Self>::clone(self));
        configuration.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(configuration)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

fn pair(files: &Tls, provider: &CryptoProvider) -> Result<CertifiedKey, CertificateError> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        |source| CertificateError::Unreadable { file, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(unreadable(&files.certificate))?;
    if chain.is_empty() {
        return Err(CertificateError::Empty { file: files.certificate.clone() });
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
    Ok(CertifiedKey::from_der(chain, key, provider)?)
}
