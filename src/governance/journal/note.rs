//! Signed notes (C2SP signed-note): a text and the lines of its signatures. Strict and bounded; verifies nothing.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::id::Digest;
use crate::key::PublicKey;

/// Most bytes of a signed note.
pub const MAX_NOTE_BYTES: usize = 64 << 10;
/// Most signatures of a note: the origin's and one cosignature for each party.
pub const MAX_SIGNATURES: usize = 128;

/// Why a text is not a signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("a note of more than {MAX_NOTE_BYTES} bytes")]
    TooLong,
    #[error("a note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    #[error("two signatures by one key under one note")]
    SignatureTwice,
    #[error("a note is a text, an empty line, and lines of signatures that each end in a line feed")]
    Shape,
    #[error("a signature line is `— NAME BASE64`")]
    SignatureLine,
    #[error("a checkpoint is three lines: origin, size and root")]
    Checkpoint,
}

/// Signature types of C2SP signed-note.
pub(super) const ED25519: u8 = 0x01;
pub(super) const COSIGNATURE_V1: u8 = 0x04;

/// One signature under a note, by whom and of which kind its key id says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    pub name: String,
    pub key_id: [u8; 4],
    /// 64 bytes of Ed25519, or 8 bytes of time before them in a cosignature.
    pub signature: Vec<u8>,
}

/// First 4 bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ key).
pub(super) fn key_id(name: &str, kind: u8, key: &PublicKey) -> [u8; 4] {
    let digest = Digest::of(&[name.as_bytes(), b"\n", &[kind], key.as_bytes()].concat());
    [digest.0[0], digest.0[1], digest.0[2], digest.0[3]]
}

/// Takes a note apart into its text, last line feed included, and its signatures.
pub(super) fn parse(note: &str) -> Result<(&str, Vec<SignatureLine>), NoteError> {
    if note.len() > MAX_NOTE_BYTES {
        return Err(NoteError::TooLong);
    }
    let break_at = note.rfind("\n\n").ok_or(NoteError::Shape)?;
    let (text, lines) = (&note[..=break_at], &note[break_at + 2..]);
    if text.chars().any(|c| c.is_ascii_control() && c != '\n') {
        return Err(NoteError::Shape);
    }
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Shape)?;
    let mut signatures: Vec<SignatureLine> = Vec::new();
    for line in lines.split('\n') {
        if signatures.len() == MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        let line: SignatureLine = line.parse()?;
        if signatures.iter().any(|other| other.is_of(&line.name, line.key_id)) {
            return Err(NoteError::SignatureTwice);
        }
        signatures.push(line);
    }
    Ok((text, signatures))
}

impl SignatureLine {
    pub(super) fn is_of(&self, name: &str, key_id: [u8; 4]) -> bool {
        self.name == name && self.key_id == key_id
    }
}

impl fmt::Display for SignatureLine {
    /// Without a line feed at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id[..], &self.signature].concat();
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl FromStr for SignatureLine {
    type Err = NoteError;

    /// Reads one line, with or without the line feed at its end.
    fn from_str(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_suffix('\n').unwrap_or(line).strip_prefix("— ").ok_or(NoteError::SignatureLine)?;
        let (name, encoded) = rest.split_once(' ').ok_or(NoteError::SignatureLine)?;
        let name_fits = (1..=300).contains(&name.len())
            && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control());
        if !name_fits || encoded.len() > 200 {
            return Err(NoteError::SignatureLine);
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::SignatureLine)?;
        let (key_id, signature) = bytes.split_first_chunk::<4>().ok_or(NoteError::SignatureLine)?;
        if signature.is_empty() {
            return Err(NoteError::SignatureLine);
        }
        Ok(Self { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
    }
}
