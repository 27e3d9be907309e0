//! Ed25519 keys as Multikeys (FEP-521a). Verification is ZIP-215 everywhere, so that single and batch
//! checks agree and no crafted signature splits the nodes.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use ed25519_zebra::{Signature, SigningKey, VerificationKey, VerificationKeyBytes, batch};
use rand_core::{TryCryptoRng, TryRng};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an Ed25519 Multikey (z6Mk…) expected")]
pub struct KeyError;

/// multicodec ed25519-pub and ed25519-priv as varints.
const PUBLIC_PREFIX: [u8; 2] = [0xed, 0x01];
const SECRET_PREFIX: [u8; 2] = [0x80, 0x26];

/// An Ed25519 public key; written as `z6Mk…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` over `message` is valid under ZIP-215.
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerificationKey::try_from(self.0).is_ok_and(|key| key.verify(&Signature::from(*signature), message).is_ok())
    }

    /// `did:key:z6Mk…`
    pub fn did(&self) -> String {
        format!("did:key:{self}")
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&multibase(PUBLIC_PREFIX, &self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Ok(Self(from_multibase(PUBLIC_PREFIX, text)?))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An Ed25519 secret key. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From a 32-byte seed; where the seed comes from is the caller's business.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from(seed))
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(VerificationKey::from(&self.0).into())
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).into()
    }

    /// The seed as `z3u2…` (multicodec ed25519-priv), for a key file.
    pub fn to_multibase(&self) -> String {
        multibase(SECRET_PREFIX, self.0.as_ref())
    }

    pub fn from_multibase(text: &str) -> Result<Self, KeyError> {
        Ok(Self::from_seed(from_multibase(SECRET_PREFIX, text)?))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Many signatures checked in one go, several times faster than one by one, with the same answer.
#[derive(Default)]
pub struct Batch(batch::Verifier);

impl Batch {
    /// Adds one; the message need not be kept.
    pub fn add(&mut self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) {
        self.0.queue((VerificationKeyBytes::from(key.0), Signature::from(*signature), message));
    }

    /// Whether all of them are valid. `randomness` fills a buffer with bytes that no signer can foresee: with
    /// known ones, invalid signatures can be made to cancel each other out.
    pub fn verify(self, randomness: &mut dyn FnMut(&mut [u8])) -> bool {
        self.0.verify(Randomness(randomness)).is_ok()
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batch(…)")
    }
}

/// The caller's source of randomness in the shape that the library asks for.
struct Randomness<'a>(&'a mut dyn FnMut(&mut [u8]));

impl TryRng for Randomness<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Randomness<'_> {}

fn multibase(prefix: [u8; 2], bytes: &[u8]) -> String {
    let mut data = prefix.to_vec();
    data.extend_from_slice(bytes);
    format!("z{}", bs58::encode(data).into_string())
}

fn from_multibase(prefix: [u8; 2], text: &str) -> Result<[u8; 32], KeyError> {
    let encoded = text.strip_prefix('z').filter(|e| e.len() <= 64).ok_or(KeyError)?;
    let data = bs58::decode(encoded).into_vec().map_err(|_| KeyError)?;
    let bytes = data.strip_prefix(&prefix).ok_or(KeyError)?;
    bytes.try_into().map_err(|_| KeyError)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key pair of the W3C EdDSA cryptosuite's test vectors.
    #[test]
    fn multikeys_match_the_w3c_vector() {
        let secret = SecretKey::from_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq").expect("valid");
        assert_eq!(secret.public().to_string(), "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2");
        assert!(secret.public().verifies(b"m", &secret.sign(b"m")));
        assert!(!secret.public().verifies(b"n", &secret.sign(b"m")));
    }
}
