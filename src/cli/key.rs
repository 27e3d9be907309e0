//! `folkmoot key`: keys that members hold themselves, so that no node can vote in their name.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use folkmoot_governance::key::SecretKey;

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a new key in a file that only you can read, and print its public half.
    New {
        /// File of the new key; nothing is overwritten.
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Print the public half of a key file.
    Show { file: PathBuf },
}

pub fn run(command: Key) -> anyhow::Result<i32> {
    match command {
        Key::New { output } => {
            let key = SecretKey::from_seed(rand::random());
            write_private(&output, &key)?;
            println!("{}", key.public());
            eprintln!("The secret half is in {}. Keep a copy; nobody can restore it.", output.display());
            eprintln!(
                "Enter the line above as your key on the Account page of your node: it is on the roll from then on."
            );
        }
        Key::Show { file } => println!("{}", read_private(&file)?.public()),
    }
    Ok(0)
}

/// Writes a key file that did not exist before, readable by its owner alone.
fn write_private(path: &Path, key: &SecretKey) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be made (keys are never overwritten)", path.display()))?;
    writeln!(file, "{}", key.to_multibase())?;
    file.sync_all()?;
    Ok(())
}

/// Reads a key file, unless others could read it too.
pub fn read_private(path: &Path) -> anyhow::Result<SecretKey> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{} can be read by others: run chmod 600 on it", path.display());
    }
    let key = SecretKey::from_multibase(text.trim()).ok();
    key.with_context(|| format!("{} is not a key file, as `folkmoot key new` makes them", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ada.key");
        let key = SecretKey::from_seed([7; 32]);
        write_private(&path, &key).expect("written");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(read_private(&path).expect("read").public(), key.public());
        assert!(write_private(&path, &key).is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changed");
        assert!(read_private(&path).expect_err("readable by others").to_string().contains("chmod 600"));
    }
}
