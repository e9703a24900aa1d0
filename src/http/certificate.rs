//! The server's certificate, read anew when it is told to.
//!
//! **Invariant:** a certificate that cannot be read never takes the place of one that is in use. The provider of
//! cryptography is named here and installed for nobody else: other parts of the process may bring their own.

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

/// RFC 7301: HTTP/1.1 is all that is spoken here.
const PROTOCOL: &[u8] = b"http/1.1";

#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("{}", file.display())]
    Unreadable { file: PathBuf, source: pem::Error },
    #[error("{} holds no certificate", file.display())]
    Empty { file: PathBuf },
    #[error("certificate and key cannot be used together")]
    Pair(#[from] rustls::Error),
}

impl Tls {
    /// Reads both files as [`crate::serve`] does. `Err` names the file, or says that the two do not belong together.
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

    /// Connections made from now on see what the files hold now.
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

fn pair(files: &Tls, provider: &CryptoProvider) -> Result<CertifiedKey, Unusable> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        |source| Unusable::Unreadable { file, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(unreadable(&files.certificate))?;
    if chain.is_empty() {
        return Err(Unusable::Empty { file: files.certificate.clone() });
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
    Ok(CertifiedKey::from_der(chain, key, provider)?)
}
