//! The public RSA key of somebody who signs HTTP requests, with its name and its owner.

use std::fmt;
use std::sync::Arc;

use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::signature::Verifier as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPublicKey};
use sha2::Sha256;

use super::SignatureError;

/// Sizes that are accepted, in bits: smaller ones can be broken, larger ones make every check expensive.
const BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// A PEM of 4096 bits has about 800 bytes.
const PEM_LIMIT: usize = 4096;

/// An RSA key for HTTP signatures. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpKey {
    /// As signatures name it.
    pub id: String,
    /// The actor that the key belongs to.
    pub owner: String,
    /// As it was published, to be kept.
    pub pem: String,
    key: Arc<RsaPublicKey>,
}

impl HttpKey {
    /// `pem` holds an SPKI or a PKCS#1 public key. That `owner` confirms the key is checked by whoever read it.
    pub fn parse(id: &str, owner: &str, pem: &str) -> Result<Self, SignatureError> {
        if pem.len() > PEM_LIMIT {
            return Err(SignatureError::Key("it is too long"));
        }
        let pem = pem.trim();
        let key = RsaPublicKey::from_public_key_pem(pem)
            .or_else(|_| RsaPublicKey::from_pkcs1_pem(pem))
            .map_err(|_| SignatureError::Key("it is not an RSA key in PEM"))?;
        if !BITS.contains(&key.n().bits()) || key.e() > &BigUint::from(u32::MAX) {
            return Err(SignatureError::Key("it must have 2048 to 4096 bits"));
        }
        Ok(Self { id: id.to_owned(), owner: owner.to_owned(), pem: pem.to_owned(), key: Arc::new(key) })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(super) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        verifies(&self.key, signed, signature)
    }
}

impl fmt::Debug for HttpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpKey").field("id", &self.id).field("owner", &self.owner).finish_non_exhaustive()
    }
}

pub(super) fn verifies(key: &RsaPublicKey, signed: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::<Sha256>::new(key.clone());
    Signature::try_from(signature).is_ok_and(|signature| key.verify(signed, &signature).is_ok())
}
