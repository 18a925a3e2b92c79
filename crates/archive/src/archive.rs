//! The archive: sources, units of work, scanning and reading.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use threadfold_core::{Locator, SourceId};

use crate::defect::{DefectKind, Defects};
use crate::error::{Error, ErrorKind, Failure};
use crate::map::State;
use crate::open::{Opened, Spot, open_item, open_plain, settle, spool};
use crate::options::{Options, Stop};
use crate::raw::{Found, Raw, cut, emlx_ends_early};
use crate::sniff::Trust;
use crate::source::{Kind, Place, Source};
use crate::split::{Passed, Walk, next_mmdf};
use crate::walk::{Item, Met, Skipped, walk};

/// All mail in some paths. Immutable once open, and free to be shared between threads.
///
/// ```
/// use threadfold_archive::{Archive, Options};
/// let eml = b"From: ada@example.com\nSubject: Hello\n\nHello\n";
/// let archive = Archive::open_with(&["-".into()], &Options::default(), &mut &eml[..])?;
/// assert_eq!(archive.sources()[0].kind.to_string(), "eml");
/// # Ok::<(), threadfold_archive::Error>(())
/// ```
#[derive(Debug)]
pub struct Archive {
    sources: Vec<Source>,
    failures: Vec<Failure>,
    skipped: Vec<Skipped>,
    again: Vec<String>,
}

/// A piece of work for [`Archive::scan`]: a stretch of one source, or several message files.
///
/// ```
/// use threadfold_archive::{Archive, Options};
/// let eml = b"From: ada@example.com\nSubject: Hello\n\nHello\n";
/// let archive = Archive::open_with(&["-".into()], &Options::default(), &mut &eml[..])?;
/// assert_eq!(archive.units(1 << 20)[0].bytes(), eml.len() as u64);
/// # Ok::<(), threadfold_archive::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    sources: Range<usize>,
    /// The stretch, where there is one source only.
    part: Range<u64>,
    bytes: u64,
}

impl Unit {
    /// How many bytes it spans.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The first source it concerns.
    pub fn source(&self) -> SourceId {
        SourceId(self.sources.start as u32)
    }
}

/// What [`Archive::scan`] came upon.
///
/// ```
/// use threadfold_archive::ScanReport;
/// assert_eq!(ScanReport::default().messages, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanReport {
    /// Bytes of the unit.
    pub bytes: u64,
    /// Messages visited.
    pub messages: u64,
    /// Messages that could not be read.
    pub failed: u64,
    /// Oddities of separators.
    pub defects: Defects,
}

/// What a scan knew where its unit ended; see [`Archive::scan_on`].
///
/// ```
/// use threadfold_archive::{Archive, Options, Scanned};
/// # let dir = std::env::temp_dir().join(format!("threadfold-scanned-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir).unwrap();
/// # let path = dir.join("two.mbox");
/// let mail = "From a@example.com Fri Mar  1 09:12:00 2024\nFrom: a@example.com\n\nHi\n\n";
/// std::fs::write(&path, mail.repeat(2)).unwrap();
/// let archive = Archive::open(&[path], &Options::default()).unwrap();
/// let (mut before, mut messages) = (Scanned::default(), 0);
/// for unit in archive.units(100) {
///     archive.scan_on(&unit, &mut before, &mut |_| messages += 1);
/// }
/// assert_eq!(messages, 2);
/// # std::fs::remove_dir_all(dir).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scanned(Option<(usize, Passed)>);

impl Archive {
    /// Opens everything in the given paths; `-` is standard input.
    ///
    /// Files are recognised, containers unpacked and dialects detected here; mailboxes are not read through
    /// (those that go by `Content-Length` apart). Sources stand in the order of the paths, below each in
    /// the order of names, byte by byte. What several paths lead to is read once, where it is met first
    /// ([`Archive::given_again`]).
    ///
    /// # Errors
    /// When a given path does not exist or may not be read, and when none of them holds mail. Trouble with one
    /// file or member among others, given ones included, is in [`Archive::failures`] instead.
    pub fn open(paths: &[PathBuf], options: &Options) -> Result<Archive, Error> {
        Archive::open_with(paths, options, &mut std::io::stdin())
    }

    /// [`Archive::open`] with another reader in the place of standard input.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn open_with(paths: &[PathBuf], options: &Options, stdin: &mut dyn Read) -> Result<Archive, Error> {
        let mut archive =
            Archive { sources: Vec::new(), failures: Vec::new(), skipped: Vec::new(), again: Vec::new() };
        let mut met = Met::expecting(paths);
        let mut first = None;
        for path in paths {
            match archive.add(path, options, stdin, &mut met) {
                Ok(()) => {}
                // A path that is not there is a slip of whoever typed it: better said before hours of work.
                Err(e)
                    if matches!(e.kind, ErrorKind::Io(_) | ErrorKind::Spill { .. } | ErrorKind::Stopped) =>
                {
                    return Err(e);
                }
                Err(e) if first.is_none() => first = Some(e),
                Err(e) => archive.failures.push(e.into()),
            }
        }
        archive.again = met.into_again();
        if options.stop.as_ref().is_some_and(Stop::wanted) {
            return Err(ErrorKind::Stopped.of(""));
        }
        match first {
            Some(e) if archive.sources.is_empty() => Err(e),
            Some(e) => {
                archive.failures.push(e.into());
                archive.failures.sort_by(|a, b| (&a.name, &a.reason).cmp(&(&b.name, &b.reason)));
                Ok(archive)
            }
            None => Ok(archive),
        }
    }

    fn add(
        &mut self,
        path: &Path,
        options: &Options,
        stdin: &mut dyn Read,
        met: &mut Met,
    ) -> Result<(), Error> {
        let name = path.to_string_lossy().into_owned();
        let file_name = path.file_name().map_or_else(|| name.clone(), |n| n.to_string_lossy().into_owned());
        let spot = Spot {
            name: name.clone(),
            root: file_name.as_str().into(),
            below: file_name,
            trust: Trust::Given,
        };
        let opened = if name == "-" {
            let file = spool(stdin, options).map_err(|kind| kind.of(&name))?;
            open_plain(file, None, &spot, options).map_err(|e| ErrorKind::Io(e).of(&name))?
        } else {
            let meta = fs::metadata(path).map_err(|e| ErrorKind::Io(e).of(&name))?;
            if meta.is_dir() {
                return self.add_folder(path, options, &spot, met);
            }
            if meta.is_file()
                && let Ok(real) = path.canonicalize()
                && !met.file(real, &name)
            {
                return Ok(());
            }
            let mut file = File::open(path).map_err(|e| ErrorKind::Io(e).of(&name))?;
            let keep = meta.is_file().then_some(path);
            if keep.is_none() {
                // A pipe: `<(gunzip -c …)`.
                file = spool(&mut file, options).map_err(|kind| kind.of(&name))?;
            }
            open_plain(file, keep, &spot, options).map_err(|e| ErrorKind::Io(e).of(&name))?
        };
        self.take(opened, &spot)
    }

    fn add_folder(
        &mut self,
        path: &Path,
        options: &Options,
        spot: &Spot,
        met: &mut Met,
    ) -> Result<(), Error> {
        let before = met.count();
        let walked = walk(path, options, met)?;
        if walked.items.is_empty() && walked.failures.is_empty() && met.count() > before {
            // All that is in it was read already.
            self.skipped.extend(walked.skipped);
            return Ok(());
        }
        let each: Vec<Opened> = walked.items.par_iter().map(|item: &Item| open_item(item, options)).collect();
        let mut all = Opened { skipped: walked.skipped, ..Opened::default() };
        let mut failures = walked.failures;
        for mut one in each {
            all.sources.append(&mut one.sources);
            all.skipped.append(&mut one.skipped);
            failures.extend(one.failures.into_iter().map(Failure::from));
        }
        if let (true, Some(first)) = (all.sources.is_empty(), failures.first()) {
            let detail = format!(", {} could not be read (the first: {first})", failures.len());
            return Err(ErrorKind::NoMail { detail }.of(&spot.name));
        }
        self.failures.append(&mut failures);
        self.take(all, spot)
    }

    fn take(&mut self, mut opened: Opened, spot: &Spot) -> Result<(), Error> {
        self.failures.extend(settle(&mut opened, spot)?);
        self.sources.append(&mut opened.sources);
        self.skipped.append(&mut opened.skipped);
        Ok(())
    }

    /// All places that hold messages; [`SourceId`] is the index.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Bytes of all sources, decompressed.
    pub fn total_bytes(&self) -> u64 {
        self.sources.iter().map(|s| s.bytes).sum()
    }

    /// Files and members that could not be read at all.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Files and members that hold no mail, each with the reason.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Files and folders that were met again, by the name of the later time: a path given twice, or a file beside
    /// the folder that it lies in. They were read once.
    pub fn given_again(&self) -> &[String] {
        &self.again
    }

    /// Cuts the archive into pieces of about `target_bytes`, in order. The messages found, and their order,
    /// do not depend on the size; pieces below some 16 MiB cost more than they save, because a scan that
    /// starts inside an mbox looks back up to 2 MiB.
    pub fn units(&self, target_bytes: u64) -> Vec<Unit> {
        /// Opening a small file costs about as much as reading this many bytes.
        const FILE_COST: u64 = 4096;
        let target = target_bytes.max(1);
        let mut units = Vec::new();
        let mut batch: Option<(Unit, u64)> = None;
        for (i, source) in self.sources.iter().enumerate() {
            if !source.is_single() {
                units.extend(batch.take().map(|(unit, _)| unit));
                let parts = source.bytes.div_ceil(target).max(1);
                let at = |k: u64| (u128::from(source.bytes) * u128::from(k) / u128::from(parts)) as u64;
                units.extend((0..parts).map(|k| {
                    let part = at(k)..at(k + 1);
                    Unit { sources: i..i + 1, bytes: part.end - part.start, part }
                }));
                continue;
            }
            let (unit, cost) = batch.get_or_insert((Unit { sources: i..i, part: 0..0, bytes: 0 }, 0));
            unit.sources.end = i + 1;
            unit.bytes += source.bytes;
            *cost += source.bytes.max(FILE_COST);
            if *cost >= target {
                units.extend(batch.take().map(|(unit, _)| unit));
            }
        }
        units.extend(batch.map(|(unit, _)| unit));
        units
    }

    /// Visits the messages that start in a unit, in order. Visiting all units of [`Archive::units`] visits
    /// each message once.
    pub fn scan(&self, unit: &Unit, visit: &mut dyn FnMut(Found<'_>)) -> ScanReport {
        self.scan_on(unit, &mut Scanned::default(), visit)
    }

    /// The same for one who scans several units: where one begins that the last one ended at, there is no need to look
    /// back. `before` is what the scan before left, of the same archive.
    pub fn scan_on(&self, unit: &Unit, before: &mut Scanned, visit: &mut dyn FnMut(Found<'_>)) -> ScanReport {
        let mut report = ScanReport { bytes: unit.bytes, ..ScanReport::default() };
        let mut scratch = Vec::new();
        for i in unit.sources.clone() {
            let Some(source) = self.sources.get(i) else { break };
            let id = SourceId(i as u32);
            let mut emit = |found: Found<'_>, report: &mut ScanReport| {
                match found {
                    Found::Message(_) => report.messages += 1,
                    Found::Failed { .. } => report.failed += 1,
                }
                visit(found);
            };
            if source.is_single() {
                let locator = Locator { source: id, offset: 0, len: source.bytes };
                match self.read(locator, &mut scratch) {
                    Ok(raw) => {
                        if raw.cut_short {
                            report.defects.note(DefectKind::CutShort, 0);
                        }
                        emit(Found::Message(raw), &mut report);
                    }
                    Err(e) => emit(Found::Failed { locator, reason: e.kind.to_string() }, &mut report),
                }
                continue;
            }
            let Some(data) = source.mapped() else { continue };
            let part = unit.part.start as usize..unit.part.end as usize;
            let mut message = |start: usize, end: usize, report: &mut ScanReport| {
                let locator = Locator { source: id, offset: start as u64, len: (end - start) as u64 };
                if let Some(raw) = raw_at(source, locator, &data[start..end]) {
                    emit(Found::Message(raw), report);
                }
            };
            if part.start == 0
                && let Some(profile) = &source.profile
            {
                report.defects.merge(&profile.defects);
            }
            match &source.profile {
                None => {
                    let next = |from, limit| next_mmdf(data, from, limit);
                    starts_in(&part, data.len(), next, |s, e| message(s, e, &mut report));
                }
                Some(profile) => match &profile.starts {
                    Some(starts) => {
                        let next = |from: usize, limit: usize| {
                            let i = starts.partition_point(|&s| s < from as u64);
                            starts.get(i).map(|&s| s as usize).filter(|&s| s < limit)
                        };
                        starts_in(&part, data.len(), next, |s, e| message(s, e, &mut report));
                    }
                    None => {
                        let known = before.0.take().filter(|(source, _)| *source == i);
                        let mut walk = Walk::new(data, profile, part.clone(), known.map(|known| known.1));
                        let next = |_, limit| walk.next(limit);
                        starts_in(&part, data.len(), next, |s, e| message(s, e, &mut report));
                        before.0 = walk.passed().map(|passed| (i, passed));
                        report.defects.merge(&walk.defects);
                    }
                },
            }
        }
        report
    }

    /// Reads one message again: the same as the scan gave. Mapped sources are borrowed from; message files
    /// are read into `scratch`.
    ///
    /// # Errors
    /// When the file cannot be read any more, or the locator is from elsewhere.
    pub fn read<'a>(&'a self, at: Locator, scratch: &'a mut Vec<u8>) -> Result<Raw<'a>, Error> {
        let Some(source) = self.sources.get(at.source.0 as usize) else {
            return Err(ErrorKind::NoSuchMessage.at(format!("source {}", at.source.0), at.offset));
        };
        let wrong = || ErrorKind::NoSuchMessage.at(&source.name, at.offset);
        let slice: &[u8] = match (&source.place, source.path()) {
            (Place::File(_), Some(path)) => {
                scratch.clear();
                let read = File::open(path).and_then(|mut file| file.read_to_end(scratch));
                read.map_err(|e| ErrorKind::Io(e).of(&source.name))?;
                if at.offset != 0 {
                    return Err(wrong());
                }
                scratch
            }
            _ => {
                let end = at.offset.checked_add(at.len).ok_or_else(wrong)?;
                source.mapped().and_then(|d| d.get(at.offset as usize..end as usize)).ok_or_else(wrong)?
            }
        };
        if slice.is_empty() {
            return Err(ErrorKind::Empty.of(&source.name));
        }
        raw_at(source, at, slice).ok_or_else(|| {
            let reason = "no length line and message as Apple Mail writes them".to_owned();
            ErrorKind::Damaged { format: "emlx file", reason }.of(&source.name)
        })
    }

    /// What other programs did to the files since they were opened, as far as it concerns what was read: those
    /// that have grown, each once. To be asked when all is read, and before anything is made of it.
    ///
    /// # Errors
    /// [`ErrorKind::Changed`] when a file is shorter or was written to, so that what was read may never have
    /// stood there. After [`outlive_truncation`](crate::outlive_truncation) also when that kept pages from being
    /// read.
    pub fn changes(&self) -> Result<Vec<Failure>, Error> {
        let mut grown: Vec<Failure> = Vec::new();
        let mut seen = HashSet::new();
        for source in &self.sources {
            let Place::Mapped { map, .. } = &source.place else { continue };
            if !seen.insert(std::ptr::from_ref(&**map)) {
                continue;
            }
            let name =
                || map.path().map_or_else(|| source.name.clone(), |p| p.to_string_lossy().into_owned());
            match map.state() {
                State::Same => {}
                State::Grown(bytes) => grown.push(ErrorKind::Grew(bytes).of(name()).into()),
                State::Rewritten => return Err(ErrorKind::Changed("was written to").of(name())),
                State::Lost => {
                    return Err(ErrorKind::Changed("was cut short, or its disk failed,").of(name()));
                }
            }
        }
        Ok(grown)
    }

    /// Lets the system take back the memory that holds a unit's pages: they are read from disk again when
    /// needed. Keeps the resident size small while scanning more than fits into memory.
    pub fn release(&self, unit: &Unit) {
        if let Some(Source { place: Place::Mapped { map, start, .. }, .. }) =
            self.sources.get(unit.sources.start)
            && !unit.part.is_empty()
        {
            map.release(start + unit.part.start as usize..start + unit.part.end as usize);
        }
    }
}

fn raw_at<'a>(source: &Source, locator: Locator, slice: &'a [u8]) -> Option<Raw<'a>> {
    let (separator, bytes) = cut(source.kind, slice)?;
    let escape = match source.kind {
        Kind::Mbox(_) => source.escape(),
        _ => Default::default(),
    };
    let cut_short = source.kind == Kind::Emlx && emlx_ends_early(slice);
    Some(Raw { locator, bytes, separator, escape, cut_short })
}

/// Calls `message` with start and end of each message that starts in `part`. `next(from, limit)` gives the
/// first start at or after `from` (and after all it gave before) and before `limit`.
fn starts_in(
    part: &Range<usize>,
    len: usize,
    mut next: impl FnMut(usize, usize) -> Option<usize>,
    mut message: impl FnMut(usize, usize),
) {
    let Some(mut start) = next(part.start, part.end) else { return };
    loop {
        let end = next(start + 1, len).unwrap_or(len);
        message(start, end);
        if end >= part.end {
            return;
        }
        start = end;
    }
}
