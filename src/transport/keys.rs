//! The node's secrets on disk: statement key, HTTP signature key, and the seed of members' keys in its custody.
//! Every file is readable by the node's own account alone, and no secret is ever printed or logged.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use folkmoot_governance::id::{ConsortiumId, Digest, MemberId};
use folkmoot_governance::key::{PublicKey, SecretKey};
use hkdf::Hkdf;
use rand::rngs::OsRng;
use rand::{CryptoRng, RngCore};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use rsa::traits::PublicKeyParts as _;
use sha2::Sha256;

/// Ed25519 key that signs the node's statements, as `z3u2…`.
const STATEMENT_FILE: &str = "statement.key";
/// RSA key that signs the node's HTTP requests, PKCS#8 in PEM.
const HTTP_FILE: &str = "http.pem";
/// Seed from which the keys of members with custody `node` are derived, 64 hexadecimal digits.
const CUSTODY_FILE: &str = "custody.seed";

/// Size of new RSA keys; what every fediverse server accepts.
const RSA_BITS: usize = 2048;
/// The largest of the three files is an RSA key of about 1,700 bytes.
const FILE_LIMIT_BYTES: u64 = 16 * 1024;

/// Why the node's keys cannot be used; says what to mend, never what is in a file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("{path} does not exist; `folkmoot init` makes the node's keys")]
    Missing { path: PathBuf },
    #[error("{path} already exists; keys are never overwritten")]
    Exists { path: PathBuf },
    #[error("{path} can be read by others: run chmod go-rwx on it")]
    Exposed { path: PathBuf },
    #[error("{path} is not {what}; restore it from your backup")]
    Malformed { path: PathBuf, what: &'static str },
    #[error("{path}: {source}")]
    Unusable { path: PathBuf, source: io::Error },
    #[error("an RSA key could not be made: {0}")]
    Generation(rsa::Error),
}

/// All secrets of a node.
#[derive(Clone)]
pub struct NodeKeys {
    /// Signs statements, checkpoints and cosignatures.
    pub statement: SecretKey,
    /// Signs HTTP requests.
    pub http: Arc<RsaPrivateKey>,
    /// Origin of the keys of members in this node's custody.
    pub custody: CustodySeed,
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeKeys(…)")
    }
}

/// 32 secret bytes. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct CustodySeed([u8; 32]);

impl CustodySeed {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key with which the node signs for `member` of `consortium`: HKDF-SHA256 (RFC 5869) without salt,
    /// info = the 32 bytes of the consortium's digest, then the member's id.
    pub fn member_key(&self, consortium: ConsortiumId, member: &MemberId) -> SecretKey {
        let info: [&[u8]; 2] = [&consortium.0.0, member.as_str().as_bytes()];
        let mut seed = [0; 32];
        let derivation = Hkdf::<Sha256>::new(None, &self.0);
        derivation.expand_multi_info(&info, &mut seed).expect("32 bytes are less than HKDF's limit of 8160");
        SecretKey::from_seed(seed)
    }
}

impl fmt::Debug for CustodySeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustodySeed(…)")
    }
}

impl NodeKeys {
    /// Fresh keys. Making the RSA key takes a good part of a second.
    pub fn generate<R: RngCore + CryptoRng>(random: &mut R) -> Result<Self, KeyFileError> {
        let (mut statement, mut custody) = ([0; 32], [0; 32]);
        random.fill_bytes(&mut statement);
        random.fill_bytes(&mut custody);
        let http = RsaPrivateKey::new(random, RSA_BITS).map_err(KeyFileError::Generation)?;
        Ok(Self { statement: SecretKey::from_seed(statement), http: Arc::new(http), custody: CustodySeed(custody) })
    }

    /// Makes the keys of a new node in `folder`, which is made as well. Existing keys are never touched.
    pub fn create(folder: &Path) -> Result<Self, KeyFileError> {
        make_folder(folder)?;
        for name in [STATEMENT_FILE, HTTP_FILE, CUSTODY_FILE] {
            let path = folder.join(name);
            if path.exists() {
                return Err(KeyFileError::Exists { path });
            }
        }
        let keys = Self::generate(&mut OsRng)?;
        let pem = keys.http.to_pkcs8_pem(LineEnding::LF).map_err(|e| KeyFileError::Generation(e.into()))?;
        write_secret(&folder.join(HTTP_FILE), &pem)?;
        write_secret(&folder.join(CUSTODY_FILE), &format!("{}\n", Digest(keys.custody.0)))?;
        write_secret(&folder.join(STATEMENT_FILE), &format!("{}\n", keys.statement.to_multibase()))?;
        // The names of the files must survive power loss as well as their contents.
        sync_folder(folder)?;
        Ok(keys)
    }

    /// Reads the keys of an existing node.
    pub fn load(folder: &Path) -> Result<Self, KeyFileError> {
        let statement = read_secret(folder, STATEMENT_FILE, "an Ed25519 secret key (z3u2…)", |text| {
            SecretKey::from_multibase(text.trim()).ok()
        })?;
        let http = read_secret(folder, HTTP_FILE, "an RSA key of at least 2048 bits in PKCS#8 PEM", |text| {
            RsaPrivateKey::from_pkcs8_pem(text).ok().filter(|key| key.n().bits() >= RSA_BITS)
        })?;
        let custody = read_secret(folder, CUSTODY_FILE, "a seed of 64 hexadecimal digits", |text| {
            text.trim().parse::<Digest>().ok().map(|digest| CustodySeed(digest.0))
        })?;
        Ok(Self { statement, http: Arc::new(http), custody })
    }

    /// Puts a new statement key in the place of the old one, whose file is kept under another name. The answer is the
    /// public half of the old key. Members' keys and the HTTP key stay.
    pub fn retire_statement_key(folder: &Path) -> Result<PublicKey, KeyFileError> {
        let old = Self::load(folder)?.statement.public();
        let (path, aside) = (folder.join(STATEMENT_FILE), folder.join(format!("{STATEMENT_FILE}.retired-{old}")));
        fs::rename(&path, &aside).map_err(|source| KeyFileError::Unusable { path: path.clone(), source })?;
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        write_secret(&path, &format!("{}\n", SecretKey::from_seed(seed).to_multibase()))?;
        sync_folder(folder)?;
        Ok(old)
    }

    /// The key with which this node signs for `member`, see [`CustodySeed::member_key`].
    pub fn member(&self, consortium: ConsortiumId, member: &MemberId) -> SecretKey {
        self.custody.member_key(consortium, member)
    }
}

fn make_folder(folder: &Path) -> Result<(), KeyFileError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| KeyFileError::Unusable { path: folder.to_owned(), source })
}

fn sync_folder(folder: &Path) -> Result<(), KeyFileError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| KeyFileError::Unusable { path: folder.to_owned(), source })
}

/// Writes a file that did not exist before, for its owner alone, and waits until it is on the disk.
fn write_secret(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
        _ => KeyFileError::Unusable { path: path.to_owned(), source },
    })
}

/// Opens first and then looks at what was opened, so that the file cannot be exchanged in between.
fn read_secret<T>(
    folder: &Path,
    name: &str,
    what: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, KeyFileError> {
    let path = folder.join(name);
    let unusable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing { path: path.clone() },
        _ => KeyFileError::Unusable { path: path.clone(), source },
    };
    let file = File::open(&path).map_err(unusable)?;
    let mode = file.metadata().map_err(unusable)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path });
    }
    let mut text = String::new();
    file.take(FILE_LIMIT_BYTES).read_to_string(&mut text).map_err(unusable)?;
    parse(&text).ok_or(KeyFileError::Malformed { path, what })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changed");
    }

    #[test]
    fn created_keys_are_private_and_read_back() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("data/keys");
        let made = NodeKeys::create(&folder).expect("created");
        let read = NodeKeys::load(&folder).expect("read");
        assert_eq!(read.statement.public(), made.statement.public());
        assert_eq!(read.http, made.http);
        assert_eq!(read.custody.0, made.custody.0);
        assert_eq!(mode(&folder), 0o700);
        for name in [STATEMENT_FILE, HTTP_FILE, CUSTODY_FILE] {
            assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
        }
        assert!(matches!(NodeKeys::create(&folder), Err(KeyFileError::Exists { .. })));
    }

    #[test]
    fn keys_that_cannot_be_trusted_are_refused() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path();
        assert!(matches!(NodeKeys::load(folder), Err(KeyFileError::Missing { .. })));
        NodeKeys::create(folder).expect("created");
        for exposed in [0o640, 0o604, 0o660] {
            set_mode(&folder.join(CUSTODY_FILE), exposed);
            assert!(matches!(NodeKeys::load(folder), Err(KeyFileError::Exposed { .. })), "{exposed:o}");
        }
        set_mode(&folder.join(CUSTODY_FILE), 0o600);
        for name in [CUSTODY_FILE, HTTP_FILE, STATEMENT_FILE] {
            let path = folder.join(name);
            let kept = fs::read(&path).expect("read");
            fs::write(&path, "deadbeef secret").expect("written");
            let error = NodeKeys::load(folder).expect_err(name).to_string();
            assert!(error.contains(name) && !error.contains("deadbeef"), "{error}");
            fs::write(&path, kept).expect("written");
        }
        NodeKeys::load(folder).expect("mended");
    }

    #[test]
    fn printing_keys_shows_no_secret() {
        let seed = CustodySeed::from_bytes([0xab; 32]);
        assert_eq!(format!("{seed:?}"), "CustodySeed(…)");
    }

    #[test]
    fn member_keys_differ_by_consortium_member_and_seed() {
        let seed = CustodySeed::from_bytes([1; 32]);
        let (one, other) = (ConsortiumId(Digest::of(b"one")), ConsortiumId(Digest::of(b"other")));
        let (ada, bob): (MemberId, MemberId) = ("ada".parse().expect("valid"), "bob".parse().expect("valid"));
        let keys = [
            seed.member_key(one, &ada),
            seed.member_key(one, &bob),
            seed.member_key(other, &ada),
            CustodySeed::from_bytes([2; 32]).member_key(one, &ada),
        ];
        let distinct: std::collections::BTreeSet<_> = keys.iter().map(SecretKey::public).collect();
        assert_eq!(distinct.len(), keys.len());
        // Computed with another implementation of HKDF: a change would lock members out of their votes.
        let expected: Digest =
            "09caf1c56699059e28f1fef9973fe6f2f143252b4e526d009f5aab0f916e3b5f".parse().expect("hexadecimal");
        assert_eq!(keys[0].public(), SecretKey::from_seed(expected.0).public());
    }
}
