//! The vault: which value each placeholder stands for, encrypted.
//!
//! Without one no map exists anywhere once an export has ended. With one the dataset is only as private as the
//! vault and its passphrase, so it stands outside the dataset folder, readable by its owner alone, and holds
//! no payment cards, passwords or other secrets: nobody needs those back.
//!
//! The file: a line that names the format, the parameters and salt of Argon2id (RFC 9106), which makes a key
//! of the passphrase, and a nonce; then JSON lines in pieces, each encrypted and authenticated with
//! XChaCha20-Poly1305 in the STREAM construction, so that no piece can be changed, left out, moved or cut off
//! unnoticed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::aead::Payload;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use serde::{Deserialize, Serialize};
use threadfold_redact::Type;
use zeroize::Zeroizing;

use crate::Error;

/// A passphrase. Shows nothing of itself and is wiped from memory when dropped.
///
/// ```
/// let passphrase = threadfold::Passphrase::new("correct horse".into());
/// assert!(!format!("{passphrase:?}").contains("horse"));
/// ```
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase.
    pub fn new(text: String) -> Passphrase {
        Passphrase(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What one placeholder stands for in one thread.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultEntry {
    /// The thread, as in `examples.jsonl`.
    pub thread: String,
    /// Such as `[CUSTOMER_NAME_1]`.
    pub placeholder: String,
    /// The value, in all spellings that stood there.
    pub values: Vec<String>,
}

/// What the placeholders of one thread stand for.
#[derive(Default)]
pub(crate) struct ThreadMap(BTreeMap<String, BTreeSet<String>>);

impl ThreadMap {
    pub(crate) fn add(&mut self, kind: Type, placeholder: &str, value: &str) {
        if !matches!(kind, Type::Card | Type::Password | Type::Secret) && placeholder != value {
            self.0.entry(placeholder.to_owned()).or_default().insert(value.to_owned());
        }
    }
}

const MAGIC: &[u8] = b"threadfold vault 1\n";
/// Bytes of a piece before it is encrypted.
const PIECE: usize = 1 << 16;
const TAG: usize = 16;
const SALT: usize = 16;
const NONCE: usize = 19;
/// Memory in KiB, passes and lanes of Argon2id: what OWASP asks for at least.
const COST: [u32; 3] = [19 << 10, 2, 1];
/// What a file may ask of the reader: a changed one must not take all memory.
const MOST_COST: [u32; 3] = [1 << 20, 64, 16];

struct Header {
    cost: [u32; 3],
    salt: [u8; SALT],
    nonce: [u8; NONCE],
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.cost.iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&self.nonce);
        out
    }

    fn read(from: &mut impl Read) -> std::io::Result<Header> {
        let odd = |why: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, why.to_owned());
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic).map_err(|_| odd("not a vault"))?;
        if magic != MAGIC {
            return Err(odd("not a vault, or one of another version"));
        }
        let mut header = Header { cost: [0; 3], salt: [0; SALT], nonce: [0; NONCE] };
        for n in &mut header.cost {
            let mut bytes = [0; 4];
            from.read_exact(&mut bytes).map_err(|_| odd("the vault is cut off"))?;
            *n = u32::from_le_bytes(bytes);
        }
        from.read_exact(&mut header.salt).map_err(|_| odd("the vault is cut off"))?;
        from.read_exact(&mut header.nonce).map_err(|_| odd("the vault is cut off"))?;
        if header.cost.iter().zip(MOST_COST).any(|(n, most)| *n > most) {
            return Err(odd("the vault asks for more memory or time than any that was written"));
        }
        Ok(header)
    }

    fn cipher(&self, passphrase: &Passphrase) -> std::io::Result<XChaCha20Poly1305> {
        let [memory, passes, lanes] = self.cost;
        let mut key = Zeroizing::new([0u8; 32]);
        argon2::Params::new(memory, passes, lanes, Some(key.len()))
            .and_then(|params| {
                argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                    .hash_password_into(passphrase.0.as_bytes(), &self.salt, key.as_mut_slice())
            })
            .map_err(|e| std::io::Error::new(std::io::ErrorKind::InvalidData, format!("no key: {e}")))?;
        Ok(XChaCha20Poly1305::new((&*key).into()))
    }
}

/// Where an export puts its map.
#[derive(Clone, Debug)]
pub(crate) struct VaultPlace {
    pub(crate) path: PathBuf,
    pub(crate) passphrase: Passphrase,
}

impl VaultPlace {
    /// Refuses early what cannot be right later: a vault in the dataset folder, over another file, without a
    /// passphrase.
    pub(crate) fn check(&self, folder: &Path, force: bool) -> Result<(), Error> {
        let refused = |why| Err(Error::OutputRefused { path: self.path.clone(), why });
        if self.passphrase.0.trim().is_empty() {
            return Err(Error::Option { option: "--vault", why: "the passphrase is empty".into() });
        }
        let (Some(place), Some(name)) = (real_parent(&self.path), self.path.file_name()) else {
            return refused("the folder that it should stand in does not exist");
        };
        let inside = folder.canonicalize().ok().is_some_and(|real| place.starts_with(real))
            || real_parent(folder)
                .zip(folder.file_name())
                .is_some_and(|(real, folder)| place.join(name).starts_with(real.join(folder)));
        if inside {
            return refused("a vault inside the dataset folder would go wherever the dataset goes");
        }
        match std::fs::symlink_metadata(&self.path) {
            Err(_) => Ok(()),
            Ok(_) if !force => refused("it exists already, and may be the only map of an earlier dataset"),
            Ok(_) => {
                let mut magic = [0; MAGIC.len()];
                let read = std::fs::File::open(&self.path).and_then(|mut f| f.read_exact(&mut magic));
                if read.is_ok() && magic == MAGIC { Ok(()) } else { refused("it is a file of another kind") }
            }
        }
    }

    pub(crate) fn create(&self) -> Result<VaultWriter, Error> {
        let failed = Error::write(&self.path);
        let begin = || -> std::io::Result<VaultWriter> {
            let mut header = Header { cost: COST, salt: [0; SALT], nonce: [0; NONCE] };
            getrandom::fill(&mut header.salt).map_err(std::io::Error::other)?;
            getrandom::fill(&mut header.nonce).map_err(std::io::Error::other)?;
            let parent = self.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            // Readable by its owner alone from the first byte on.
            let mut file = tempfile::Builder::new().prefix(".unfinished-").tempfile_in(parent)?;
            let bytes = header.bytes();
            file.write_all(&bytes)?;
            let encryptor = EncryptorBE32::from_aead(header.cipher(&self.passphrase)?, &header.nonce.into());
            Ok(VaultWriter {
                path: self.path.clone(),
                file,
                header: bytes,
                encryptor,
                plain: Zeroizing::new(Vec::with_capacity(2 * PIECE)),
            })
        };
        begin().map_err(failed)
    }
}

/// The folder of a path as the file system knows it.
fn real_parent(path: &Path) -> Option<PathBuf> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    parent.canonicalize().ok()
}

/// A vault that is being written beside its place.
pub(crate) struct VaultWriter {
    path: PathBuf,
    file: tempfile::NamedTempFile,
    header: Vec<u8>,
    encryptor: EncryptorBE32<XChaCha20Poly1305>,
    plain: Zeroizing<Vec<u8>>,
}

impl VaultWriter {
    pub(crate) fn add(&mut self, thread: &str, map: &ThreadMap) -> Result<(), Error> {
        for (placeholder, values) in &map.0 {
            let entry = VaultEntry {
                thread: thread.to_owned(),
                placeholder: placeholder.clone(),
                values: values.iter().cloned().collect(),
            };
            // Serialising plain values to memory cannot fail.
            let _ = serde_json::to_writer(&mut *self.plain, &entry);
            self.plain.push(b'\n');
        }
        while self.plain.len() > PIECE {
            let piece = Zeroizing::new(self.plain.drain(..PIECE).collect::<Vec<u8>>());
            let sealed = self.encryptor.encrypt_next(Payload { msg: &piece, aad: &self.header });
            let sealed = sealed.map_err(|_| std::io::Error::other("too large"));
            sealed.and_then(|bytes| self.file.write_all(&bytes)).map_err(Error::write(&self.path))?;
        }
        Ok(())
    }

    /// Ends the vault; it is whole on disk, under another name.
    pub(crate) fn seal(self) -> Result<SealedVault, Error> {
        let VaultWriter { path, mut file, header, encryptor, plain } = self;
        encryptor
            .encrypt_last(Payload { msg: &plain, aad: &header })
            .map_err(|_| std::io::Error::other("too large"))
            .and_then(|bytes| file.write_all(&bytes))
            .and_then(|()| file.as_file().sync_all())
            .map_err(Error::write(&path))?;
        Ok(SealedVault { path, file })
    }
}

/// A vault that has only to be put in its place.
pub(crate) struct SealedVault {
    path: PathBuf,
    file: tempfile::NamedTempFile,
}

impl SealedVault {
    pub(crate) fn publish(self) -> Result<(), Error> {
        let SealedVault { path, file } = self;
        file.persist(&path).map(drop).map_err(|e| Error::write(path)(e.error))
    }
}

/// Reads a vault, entry by entry in the order of the dataset, and gives each to `take`.
///
/// # Errors
/// When the file is no vault, the passphrase is not its own, or it was changed or cut off: then what was given
/// to `take` before is what stood there, and more may have.
pub fn read_vault(
    path: &Path,
    passphrase: &Passphrase,
    mut take: impl FnMut(VaultEntry),
) -> Result<(), Error> {
    let failed = |e: std::io::Error| Error::Read { path: path.to_owned(), source: e };
    let odd = |why: &str| failed(std::io::Error::new(std::io::ErrorKind::InvalidData, why.to_owned()));
    let mut file = BufReader::new(std::fs::File::open(path).map_err(failed)?);
    let header = Header::read(&mut file).map_err(failed)?;
    let cipher = header.cipher(passphrase).map_err(failed)?;
    let mut decryptor = Some(DecryptorBE32::from_aead(cipher, &header.nonce.into()));
    let aad = header.bytes();
    let mut read = 0;
    let mut piece = next_piece(&mut file).map_err(failed)?;
    let mut plain = Zeroizing::new(Vec::new());
    while let Some(mut current) = decryptor.take() {
        let next = next_piece(&mut file).map_err(failed)?;
        let payload = Payload { msg: &piece, aad: &aad };
        let opened = if next.is_empty() {
            current.decrypt_last(payload)
        } else {
            let opened = current.decrypt_next(payload);
            decryptor = Some(current);
            opened
        };
        let why = if read == 0 {
            "the passphrase is not this vault's, or the file was changed"
        } else {
            "the vault was changed or cut off"
        };
        plain.extend_from_slice(&Zeroizing::new(opened.map_err(|_| odd(why))?));
        let whole = plain.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        for line in plain[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            take(serde_json::from_slice(line).map_err(|e| failed(e.into()))?);
        }
        plain.drain(..whole);
        read += 1;
        piece = next;
    }
    Ok(())
}

fn next_piece(file: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    file.take((PIECE + TAG) as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: &Path, passphrase: &str) -> VaultPlace {
        VaultPlace { path: dir.join("map.vault"), passphrase: Passphrase::new(passphrase.into()) }
    }

    /// Enough for several pieces.
    fn fill(place: &VaultPlace, threads: usize) {
        let mut writer = place.create().unwrap();
        for n in 0..threads {
            let mut map = ThreadMap::default();
            map.add(Type::Name, "[CUSTOMER_NAME_1]", "Marta Lindqvist");
            map.add(Type::Name, "[CUSTOMER_NAME_1]", "Marta");
            map.add(Type::Card, "[CARD_1]", "4111 1111 1111 1111");
            map.add(Type::Password, "[PASSWORD_1]", "hunter2!");
            writer.add(&format!("t{n}"), &map).unwrap();
        }
        writer.seal().unwrap().publish().unwrap();
    }

    fn entries(path: &Path, passphrase: &str) -> Result<Vec<VaultEntry>, String> {
        let mut all = Vec::new();
        let read = read_vault(path, &Passphrase::new(passphrase.into()), |entry| all.push(entry));
        read.map(|()| all).map_err(|e| e.to_string())
    }

    #[test]
    fn what_was_put_in_comes_out_without_what_opens_something() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path(), "correct horse");
        fill(&place, 2_000);
        let bytes = std::fs::read(&place.path).unwrap();
        assert!(bytes.len() > 2 * PIECE, "{}", bytes.len());
        assert!(memchr::memmem::find(&bytes, b"Marta").is_none());
        let all = entries(&place.path, "correct horse").unwrap();
        assert_eq!(all.len(), 2_000);
        assert_eq!((all[7].thread.as_str(), all[7].placeholder.as_str()), ("t7", "[CUSTOMER_NAME_1]"));
        assert_eq!(all[7].values, ["Marta", "Marta Lindqvist"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&place.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let wrong = entries(&place.path, "incorrect horse").map(|all| all.len()).unwrap_err();
        assert!(wrong.contains("passphrase") && !wrong.contains("horse"), "{wrong}");
    }

    #[test]
    fn nothing_can_be_changed_moved_or_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path(), "correct horse");
        fill(&place, 2_000);
        let whole = std::fs::read(&place.path).unwrap();
        let header = MAGIC.len() + 12 + SALT + NONCE;
        let piece = PIECE + TAG;
        let changed = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        let mut swapped = whole.clone();
        swapped[header..header + 2 * piece].rotate_left(piece);
        for (what, bytes) in [
            ("salt", changed(MAGIC.len() + 12)),
            ("nonce", changed(MAGIC.len() + 12 + SALT)),
            ("first piece", changed(header + 5)),
            ("last byte", changed(whole.len() - 1)),
            ("two pieces swapped", swapped),
            ("cut at a piece", whole[..header + piece].to_vec()),
            ("cut in a piece", whole[..header + piece + 100].to_vec()),
            ("cut in the header", whole[..header - 3].to_vec()),
            ("nothing but the header", whole[..header].to_vec()),
            ("more at the end", [&whole[..], b"x"].concat()),
            ("greedy", [MAGIC, &[0xff; 12], &whole[MAGIC.len() + 12..]].concat()),
            ("none", Vec::new()),
        ] {
            std::fs::write(&place.path, bytes).unwrap();
            assert!(entries(&place.path, "correct horse").is_err(), "{what}");
        }
    }

    #[test]
    fn a_vault_stands_outside_the_dataset_and_over_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("out");
        std::fs::create_dir(&folder).unwrap();
        let at = |path: PathBuf, passphrase: &str| VaultPlace {
            path,
            passphrase: Passphrase::new(passphrase.into()),
        };
        assert!(at(dir.path().join("v"), "p").check(&folder, false).is_ok());
        assert!(at(dir.path().join("v"), " ").check(&folder, false).is_err());
        assert!(at(folder.join("v"), "p").check(&folder, true).is_err());
        assert!(at(dir.path().join("out/../out/v"), "p").check(&folder, true).is_err());
        assert!(at(folder.clone(), "p").check(&folder, true).is_err());
        assert!(at(dir.path().join("new"), "p").check(&dir.path().join("new"), true).is_err());
        assert!(at(dir.path().join("no/v"), "p").check(&folder, true).is_err());
        std::fs::write(dir.path().join("thesis.tex"), "years of work, not a vault").unwrap();
        assert!(at(dir.path().join("thesis.tex"), "p").check(&folder, true).is_err());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&folder, dir.path().join("link")).unwrap();
            assert!(at(dir.path().join("link/v"), "p").check(&folder, true).is_err());
        }
        let vault = at(dir.path().join("v"), "p");
        fill(&vault, 1);
        assert!(vault.check(&folder, false).is_err() && vault.check(&folder, true).is_ok());
    }
}
