//! Containers: gzip, Zstandard, tar and zip, inside each other in any order.
//!
//! Everything is decompressed once, streamed into one nameless spill file for each file on disk, and mapped
//! at the end. Members that are stored as they are (zip without compression, tar not compressed) become
//! ranges of the container's own mapping. Nothing is ever written under a member's name.
//!
//! Against hostile archives: every byte that comes out of a decoder is counted against the limits of
//! [`Options`], whether it is kept or skipped; members are counted; nesting is counted; names that lead
//! outside, encrypted members and links are refused by name.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use flate2::bufread::GzDecoder;
use zip::result::ZipError;

use crate::error::{Error, ErrorKind};
use crate::map::Map;
use crate::open::{Opened, Spot, is_failure, objection, spill_error, temporary};
use crate::options::{Options, Stop};
use crate::sniff::{Form, HEAD, Trust, passed_over_by_name, sniff};
use crate::source::Source;
use crate::walk::Skipped;

/// What may still come out of one file on disk.
struct Budget {
    options: Options,
    input: u64,
    unpacked: Cell<u64>,
    members: Cell<u64>,
    /// The limit that was hit. Decoders wrap errors in their own; this tells what really happened.
    hit: RefCell<Option<ErrorKind>>,
    /// No member can be unpacked any more.
    exhausted: Cell<bool>,
}

impl Budget {
    fn charge(&self, bytes: u64) -> Result<(), ErrorKind> {
        let o = &self.options;
        if o.stop.as_ref().is_some_and(Stop::wanted) {
            self.exhausted.set(true);
            return Err(ErrorKind::Stopped);
        }
        let unpacked = self.unpacked.get().saturating_add(bytes);
        self.unpacked.set(unpacked);
        self.exhausted.set(true);
        if unpacked > o.max_unpacked_bytes {
            let (what, limit) = ("unpacks to too many bytes", o.max_unpacked_bytes);
            return Err(ErrorKind::Limit { what, limit, option: "max_unpacked_bytes" });
        }
        if unpacked > o.ratio_free_bytes && unpacked / o.max_expansion_ratio.max(1) > self.input {
            let (what, limit) = ("unpacks to too many times its size", o.max_expansion_ratio);
            return Err(ErrorKind::Limit { what, limit, option: "max_expansion_ratio" });
        }
        self.exhausted.set(false);
        Ok(())
    }

    fn member(&self) -> Result<(), ErrorKind> {
        self.members.set(self.members.get() + 1);
        if self.members.get() > self.options.max_members {
            self.exhausted.set(true);
            let (what, limit) = ("holds too many members", self.options.max_members);
            return Err(ErrorKind::Limit { what, limit, option: "max_members" });
        }
        Ok(())
    }

    /// What a failed read was about: a limit, or damage.
    fn explain(&self, format: &'static str, e: io::Error) -> ErrorKind {
        self.hit.take().unwrap_or_else(|| ErrorKind::Damaged { format, reason: one_line(&e.to_string()) })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Counts what comes out of a decoder.
struct Metered<R> {
    inner: R,
    budget: Rc<Budget>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.budget.charge(n as u64).map_err(|kind| {
            let e = io::Error::other(kind.to_string());
            *self.budget.hit.borrow_mut() = Some(kind);
            e
        })?;
        Ok(n)
    }
}

/// All members of a gzip file, one after the other. Zero bytes behind the last one are padding (from tapes and
/// block-wise copies) and no damage.
struct GzipMembers<R: BufRead>(Option<GzDecoder<R>>);

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.0 {
            let n = decoder.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let Some(decoder) = self.0.take() else { break };
            let mut input = decoder.into_inner();
            loop {
                let next = input.fill_buf()?;
                let zeros = next.iter().take_while(|b| **b == 0).count();
                match next.get(zeros) {
                    Some(_) => break,
                    None if zeros == 0 => return Ok(0),
                    None => input.consume(zeros),
                }
            }
            let zeros = input.fill_buf()?.iter().take_while(|b| **b == 0).count();
            input.consume(zeros);
            self.0 = Some(GzDecoder::new(input));
        }
        Ok(0)
    }
}

/// The nameless file that members are spilled to, one after the other.
struct Spill {
    file: File,
    len: u64,
}

/// A source whose bytes may still be in the spill file.
struct Pending {
    spot: Spot,
    form: Form,
    place: PendingPlace,
}

enum PendingPlace {
    Mapped(Arc<Map>, Range<usize>),
    Spilled(u64, u64),
}

/// Unpacks one file on disk with everything nested in it.
pub(crate) struct Unpacker<'o> {
    options: &'o Options,
    budget: Rc<Budget>,
    spill: Option<Spill>,
    buffer: Vec<u8>,
    pending: Vec<Pending>,
    opened: Opened,
}

impl<'o> Unpacker<'o> {
    pub(crate) fn new(options: &'o Options, input: u64) -> Self {
        let budget = Budget {
            options: options.clone(),
            input,
            unpacked: Cell::new(0),
            members: Cell::new(0),
            hit: RefCell::new(None),
            exhausted: Cell::new(false),
        };
        Unpacker {
            options,
            budget: Rc::new(budget),
            spill: None,
            buffer: Vec::new(),
            pending: Vec::new(),
            opened: Opened::default(),
        }
    }

    /// Maps what was spilled and makes the sources, in the order of their names.
    pub(crate) fn finish(mut self) -> Opened {
        let spill = match &self.spill {
            None => Map::of_nothing(),
            Some(spill) => match Map::of(&spill.file) {
                Ok(map) => map,
                Err(e) => {
                    let name = self.pending.first().map_or_else(String::new, |p| p.spot.name.clone());
                    self.opened.failures.push(spill_error(self.options, e).of(name));
                    return self.opened;
                }
            },
        };
        let spill = Arc::new(spill);
        self.pending.sort_by(|a, b| a.spot.name.as_bytes().cmp(b.spot.name.as_bytes()));
        // A Maildir's tmp holds mail that has not arrived: recognised by its neighbours cur and new.
        let maildirs: Vec<String> =
            self.pending.iter().filter_map(|p| maildir_of(&p.spot.name, &["cur", "new"])).collect();
        for p in self.pending {
            if maildir_of(&p.spot.name, &["tmp"]).is_some_and(|m| maildirs.binary_search(&m).is_ok()) {
                let reason = "mail still on its way into the Maildir".to_owned();
                self.opened.skipped.push(Skipped { name: p.spot.name, reason });
                continue;
            }
            let source: Source = match p.place {
                PendingPlace::Mapped(map, range) => p.spot.source(&p.form, map, range.start, range.len()),
                PendingPlace::Spilled(at, len) => {
                    p.spot.source(&p.form, spill.clone(), at as usize, len as usize)
                }
            };
            self.opened.sources.push(source);
        }
        self.opened
    }

    fn fail(&mut self, name: &str, kind: ErrorKind) {
        self.opened.failures.push(Error { name: name.to_owned(), offset: None, kind });
    }

    fn skip(&mut self, name: &str, reason: &str) {
        self.opened.skipped.push(Skipped { name: name.to_owned(), reason: reason.to_owned() });
    }

    /// Unpacks a container whose bytes are mapped. What goes wrong is among the failures.
    pub(crate) fn container(
        &mut self,
        form: &Form,
        spot: &Spot,
        map: &Arc<Map>,
        range: Range<usize>,
        level: u32,
    ) {
        let done = self.nested(level).and_then(|()| match form {
            Form::Zip => self.zip(spot, map, range, level),
            Form::Tar => self.mapped_tar(spot, map, range, level),
            _ => {
                let bytes = map.bytes().get(range).unwrap_or(&[]);
                self.decoded(form, spot, Box::new(bytes), level)
            }
        });
        if let Err(kind) = done {
            self.fail(&spot.name, kind);
        }
    }

    fn nested(&self, level: u32) -> Result<(), ErrorKind> {
        if level > self.options.max_nesting {
            let limit = u64::from(self.options.max_nesting);
            return Err(ErrorKind::Limit { what: "containers nest too deep", limit, option: "max_nesting" });
        }
        Ok(())
    }

    /// The one stream inside gzip or Zstandard data.
    fn decoded(
        &mut self,
        form: &Form,
        spot: &Spot,
        input: Box<dyn BufRead + '_>,
        level: u32,
    ) -> Result<(), ErrorKind> {
        let budget = self.budget.clone();
        let decoder: Box<dyn Read> = match form {
            Form::Zstd => {
                let format = "Zstandard data";
                let decoder = zstd::stream::read::Decoder::with_buffer(input);
                Box::new(decoder.map_err(|e| budget.explain(format, e))?)
            }
            _ => Box::new(GzipMembers(Some(GzDecoder::new(input)))),
        };
        let format = if *form == Form::Zstd { "Zstandard data" } else { "gzip data" };
        let mut decoder = Metered { inner: decoder, budget };
        self.stream(spot, &mut decoder, format, level)
    }

    /// A member's bytes, mapped: a range of its container.
    fn mapped(&mut self, spot: Spot, map: &Arc<Map>, range: Range<usize>, level: u32) {
        let bytes = map.bytes().get(range.clone()).unwrap_or(&[]);
        let form = sniff(&bytes[..bytes.len().min(HEAD)], &spot.name, spot.trust);
        if self.objects(&form, &spot) {
            return;
        }
        if is_container(&form) {
            return self.container(&form, &inside(&spot, &form), map, range, level + 1);
        }
        self.pending.push(Pending { spot, form, place: PendingPlace::Mapped(map.clone(), range) });
    }

    /// A member's bytes as they come out of a decoder.
    fn stream(
        &mut self,
        spot: &Spot,
        reader: &mut dyn Read,
        format: &'static str,
        level: u32,
    ) -> Result<(), ErrorKind> {
        let mut head = Vec::new();
        let explain = |budget: &Budget, e| budget.explain(format, e);
        (&mut *reader).take(HEAD as u64).read_to_end(&mut head).map_err(|e| explain(&self.budget, e))?;
        let form = sniff(&head, &spot.name, spot.trust);
        if self.objects(&form, spot) {
            return Ok(());
        }
        let mut whole = Cursor::new(head).chain(reader);
        match form {
            Form::Tar => {
                self.nested(level + 1)?;
                self.streamed_tar(&inside(spot, &form), &mut whole, level + 1)
            }
            Form::Gzip | Form::Zstd => {
                self.nested(level + 1)?;
                let input = BufReader::with_capacity(64 << 10, whole);
                self.decoded(&form, spot, Box::new(input), level + 1)
            }
            Form::Zip => {
                // A zip is read from its end: it needs a file of its own.
                self.nested(level + 1)?;
                let mut file = temporary(self.options)?;
                self.copy(&mut whole, &mut file, format)?;
                let map = Arc::new(Map::of(&file).map_err(|e| spill_error(self.options, e))?);
                let len = map.bytes().len();
                self.container(&form, spot, &map, 0..len, level + 1);
                Ok(())
            }
            form => {
                let mut spill = match self.spill.take() {
                    Some(spill) => spill,
                    None => Spill { file: temporary(self.options)?, len: 0 },
                };
                let start = spill.len;
                let copied = self.copy(&mut whole, &mut spill.file, format);
                // What a failed member left behind stays in the file, unused.
                let len = match &copied {
                    Ok(len) => *len,
                    Err(_) => spill.file.metadata().map_or(0, |m| m.len()).saturating_sub(start),
                };
                spill.len = start + len;
                self.spill = Some(spill);
                let len = copied?;
                let place = PendingPlace::Spilled(start, len);
                self.pending.push(Pending { spot: spot.clone(), form, place });
                Ok(())
            }
        }
    }

    fn copy(&mut self, from: &mut dyn Read, to: &mut File, format: &'static str) -> Result<u64, ErrorKind> {
        self.buffer.resize(256 << 10, 0);
        let mut len = 0;
        loop {
            match from.read(&mut self.buffer) {
                Ok(0) => return Ok(len),
                Ok(n) => {
                    to.write_all(&self.buffer[..n]).map_err(|e| spill_error(self.options, e))?;
                    len += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.budget.explain(format, e)),
            }
        }
    }

    /// Notes why a member is not mail; true if so.
    fn objects(&mut self, form: &Form, spot: &Spot) -> bool {
        let Some((kind, offset)) = objection(form) else { return false };
        // The one stream of a given `.gz` is as good as given itself.
        if is_failure(form) || spot.trust == Trust::Given {
            self.opened.failures.push(Error { name: spot.name.clone(), offset, kind });
        } else {
            self.skip(&spot.name, &kind.to_string());
        }
        true
    }

    /// The place of a member in its container, or the reason to leave it alone (which is noted).
    fn member(&mut self, container: &Spot, raw_name: &[u8]) -> Option<Spot> {
        let member = String::from_utf8_lossy(raw_name).replace('\\', "/");
        let name = format!("{}!/{}", container.name, member.trim_start_matches("./"));
        if points_outside(&member) {
            self.fail(&name, ErrorKind::PointsOutside);
            return None;
        }
        if let Some(reason) = passed_over_by_name(&name) {
            self.skip(&name, reason);
            return None;
        }
        let below = match (container.below.as_str(), member.trim_start_matches("./")) {
            ("", m) => m.to_owned(),
            (b, m) => format!("{b}/{m}"),
        };
        Some(Spot { name, root: container.root.clone(), below, trust: Trust::Found })
    }

    fn mapped_tar(
        &mut self,
        spot: &Spot,
        map: &Arc<Map>,
        range: Range<usize>,
        level: u32,
    ) -> Result<(), ErrorKind> {
        let map = map.clone();
        let base = range.start;
        let bytes = map.bytes().get(range).unwrap_or(&[]);
        let mut archive = tar::Archive::new(Cursor::new(bytes));
        let entries = archive.entries_with_seek().map_err(|e| self.budget.explain("tar archive", e))?;
        for entry in entries {
            let mut entry = entry.map_err(|e| self.budget.explain("tar archive", e))?;
            if self.budget.exhausted.get() {
                break;
            }
            let Some(member) = self.tar_member(spot, &entry)? else { continue };
            if entry.header().entry_type().is_gnu_sparse() {
                let mut entry = Metered { inner: &mut entry, budget: self.budget.clone() };
                self.stream_or_fail(&member, &mut entry, "tar member", level);
                continue;
            }
            let start = entry.raw_file_position() as usize;
            let Some(end) = start.checked_add(entry.size() as usize).filter(|&end| end <= bytes.len()) else {
                let reason = "the archive ends in the middle of this member".to_owned();
                self.fail(&member.name, ErrorKind::Damaged { format: "tar archive", reason });
                continue;
            };
            self.mapped(member, &map, base + start..base + end, level);
        }
        Ok(())
    }

    fn streamed_tar(&mut self, spot: &Spot, reader: &mut dyn Read, level: u32) -> Result<(), ErrorKind> {
        let mut archive = tar::Archive::new(reader);
        let entries = archive.entries().map_err(|e| self.budget.explain("tar archive", e))?;
        for entry in entries {
            let mut entry = entry.map_err(|e| self.budget.explain("tar archive", e))?;
            if self.budget.exhausted.get() {
                break;
            }
            if let Some(member) = self.tar_member(spot, &entry)? {
                self.stream_or_fail(&member, &mut entry, "tar archive", level);
            }
        }
        Ok(())
    }

    fn tar_member<R: Read>(
        &mut self,
        spot: &Spot,
        entry: &tar::Entry<'_, R>,
    ) -> Result<Option<Spot>, ErrorKind> {
        self.budget.member()?;
        let kind = entry.header().entry_type();
        let name = entry.path_bytes();
        if kind.is_dir() {
            return Ok(None);
        }
        let Some(member) = self.member(spot, &name) else { return Ok(None) };
        if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse()) {
            self.skip(&member.name, "not a regular file");
            return Ok(None);
        }
        Ok(Some(member))
    }

    fn zip(&mut self, spot: &Spot, map: &Arc<Map>, range: Range<usize>, level: u32) -> Result<(), ErrorKind> {
        let map = map.clone();
        let base = range.start;
        let bytes = map.bytes().get(range).unwrap_or(&[]);
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(zip_error)?;
        if archive.has_duplicate_names() {
            // The reader keeps the last of each name; the mail in the others must not be lost in silence.
            self.fail(&spot.name, ErrorKind::SameNames);
        }
        for i in 0..archive.len() {
            if self.budget.exhausted.get() {
                break;
            }
            self.budget.member()?;
            let (raw_name, encrypted, plain) = match archive.by_index_data(i) {
                Ok(entry) if entry.is_dir() => continue,
                Ok(entry) => {
                    let plain = entry.compression() == zip::CompressionMethod::Stored;
                    (entry.name_raw().to_vec(), entry.encrypted(), plain)
                }
                Err(e) => {
                    self.fail(&format!("{}!/member {}", spot.name, i + 1), zip_error(e));
                    continue;
                }
            };
            let Some(member) = self.member(spot, &raw_name) else { continue };
            if encrypted {
                self.fail(&member.name, ErrorKind::Encrypted);
                continue;
            }
            if plain {
                let place =
                    archive.by_index_raw(i).map(|file| (file.data_start(), file.size(), file.crc32()));
                match place {
                    Ok((Some(start), len, crc)) if start.saturating_add(len) <= bytes.len() as u64 => {
                        // Entries may overlap: what they add up to is counted like unpacked bytes.
                        self.budget.charge(len)?;
                        let range = start as usize..(start + len) as usize;
                        if crc32fast::hash(&bytes[range.clone()]) != crc {
                            let reason = "its checksum does not match its bytes".to_owned();
                            self.fail(&member.name, ErrorKind::Damaged { format: "zip member", reason });
                            continue;
                        }
                        self.mapped(member, &map, base + range.start..base + range.end, level);
                    }
                    Ok(_) => {
                        let reason = "the archive ends in the middle of this member".to_owned();
                        self.fail(&member.name, ErrorKind::Damaged { format: "zip archive", reason });
                    }
                    Err(e) => self.fail(&member.name, zip_error(e)),
                }
                continue;
            }
            match archive.by_index(i) {
                Ok(file) => {
                    let mut file = Metered { inner: file, budget: self.budget.clone() };
                    self.stream_or_fail(&member, &mut file, "zip member", level);
                }
                Err(e) => self.fail(&member.name, zip_error(e)),
            }
        }
        Ok(())
    }

    /// One bad member does not lose the others.
    fn stream_or_fail(&mut self, member: &Spot, reader: &mut dyn Read, format: &'static str, level: u32) {
        if let Err(kind) = self.stream(member, reader, format, level) {
            self.fail(&member.name, kind);
        }
    }
}

/// `a/cur/file` gives `a`, if `cur` is among the names asked for.
fn maildir_of(name: &str, parents: &[&str]) -> Option<String> {
    let (dir, _) = name.rsplit_once('/')?;
    let (maildir, parent) = dir.rsplit_once('/')?;
    parents.contains(&parent).then(|| maildir.to_owned())
}

/// The place of a container's own stream: compressed tars and nested archives keep their names, and what was
/// given stays given only for a lone compressed file.
fn inside(spot: &Spot, form: &Form) -> Spot {
    let trust = if matches!(form, Form::Tar | Form::Zip) { Trust::Found } else { spot.trust };
    Spot { trust, ..spot.clone() }
}

fn is_container(form: &Form) -> bool {
    matches!(form, Form::Gzip | Form::Zstd | Form::Zip | Form::Tar)
}

/// A name that would leave the folder it is unpacked to. Nothing here is written under a member's name, but
/// such an archive is not to be trusted, and its names would lie in every report.
fn points_outside(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    name.starts_with('/') || drive || name.split('/').any(|part| part == "..") || name.contains('\0')
}

fn zip_error(e: ZipError) -> ErrorKind {
    let reason = match e {
        ZipError::InvalidPassword => return ErrorKind::Encrypted,
        ZipError::CompressionMethodNotSupported(n) => {
            format!("compression method {n} is not supported")
        }
        e => one_line(&e.to_string()),
    };
    ErrorKind::Damaged { format: "zip archive", reason }
}
