//! Each stage alone on one mailbox, one thread. The mailbox is 20 MB of generated text-heavy mail, or the file that
//! `THREADFOLD_MBOX` names. `memmem` is the limit: one search over the same bytes.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use threadfold_archive::{Archive, Found, Options, unescape};
use threadfold_core::Envelopes;
use threadfold_dataset::{Deduper, Format, RenderOptions, detect_language, estimate_tokens};
use threadfold_message::{BodyReader, HeadReader, Place};
use threadfold_thread::{Evidence, Outline, link};

fn mailbox(folder: &std::path::Path) -> std::path::PathBuf {
    if let Some(given) = std::env::var_os("THREADFOLD_MBOX") {
        return given.into();
    }
    let path = folder.join("text.mbox");
    let mut options = threadfold_generate::Options::new(threadfold_generate::Profile::Text);
    options.min_bytes = Some(20_000_000);
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("a temporary file"));
    threadfold_generate::generate(&options, &mut file, &mut std::io::sink()).expect("a mailbox");
    path
}

/// Calls back with every message.
fn each(archive: &Archive, mut visit: impl FnMut(threadfold_archive::Raw<'_>)) {
    for unit in archive.units(16 << 20) {
        archive.scan(&unit, &mut |found| {
            if let Found::Message(raw) = found {
                visit(raw);
            }
        });
    }
}

fn envelopes(archive: &Archive, heads: &mut HeadReader) -> Envelopes {
    let mut all = Envelopes::default();
    each(archive, |raw| {
        let place = Place { separator: raw.separator, ..Place::default() };
        all.push(raw.locator, &heads.read(raw.bytes, &place).envelope());
    });
    all
}

fn stages(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = mailbox(folder.path());
    let bytes = std::fs::read(&path).expect("the mailbox");
    let archive = Archive::open(std::slice::from_ref(&path), &Options::default()).expect("a mailbox");
    let (mut heads, mut bodies) = (HeadReader::default(), BodyReader::default());
    let all = envelopes(&archive, &mut heads);
    let outline = Outline::of(&all);
    let examples: Vec<_> = {
        let pipeline = threadfold::Pipeline::new().input(&path).redact(false).threads(1);
        let mailbox = pipeline.open().expect("a mailbox");
        mailbox.examples().expect("examples").filter_map(Result::ok).collect()
    };

    let mut group = c.benchmark_group("mailbox");
    group.sample_size(10).throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("memmem", |b| {
        b.iter(|| memchr::memmem::find_iter(black_box(&bytes), b"\nFrom ").count())
    });
    group.bench_function("split", |b| {
        b.iter(|| {
            let mut messages = 0;
            each(&archive, |_| messages += 1);
            messages
        })
    });
    group.bench_function("split and headers", |b| b.iter(|| envelopes(&archive, &mut heads).len()));
    group.bench_function("split and texts", |b| {
        b.iter(|| {
            let mut letters = 0;
            each(&archive, |raw| {
                let body = bodies.read_escaped(raw.bytes, &|text| unescape(text, raw.escape));
                letters += body.plain.as_ref().or(body.html.as_ref()).map_or(0, String::len);
            });
            letters
        })
    });
    group.finish();

    let mut group = c.benchmark_group("messages");
    group.sample_size(10).throughput(Throughput::Elements(all.len() as u64));
    group.bench_function("outline", |b| b.iter(|| Outline::of(&all)));
    group.bench_function("link", |b| {
        let evidence = Evidence { outline: Some(&outline), ..Evidence::default() };
        b.iter(|| link(&all, &evidence, &threadfold_thread::Options::default()).len())
    });
    group.finish();

    let mut group = c.benchmark_group("examples");
    group.sample_size(10).throughput(Throughput::Elements(examples.len() as u64));
    for format in [Format::Canonical, Format::Csv, Format::Messages, Format::PromptCompletion] {
        let options = RenderOptions::default();
        group.bench_function(format!("render {}", format.info().name), |b| {
            let mut out = Vec::new();
            b.iter(|| {
                out.clear();
                examples.iter().for_each(|example| format.render(example, &options, &mut out));
                out.len()
            })
        });
    }
    group.bench_function("key of duplicates", |b| {
        b.iter(|| examples.iter().fold(0, |sum, example| sum ^ Deduper::key(example)))
    });
    let texts = || examples.iter().flat_map(|e| e.turns.iter().map(|t| t.text.as_str()));
    group.bench_function("language", |b| b.iter(|| texts().filter_map(|t| detect_language([t])).count()));
    group.bench_function("estimated tokens", |b| b.iter(|| texts().map(estimate_tokens).sum::<u64>()));
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
