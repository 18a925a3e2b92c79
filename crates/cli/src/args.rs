//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::say::Log;

/// A mailbox dump in, a fine-tuning dataset and an account of every message out.
#[derive(Parser)]
#[command(name = "threadfold", version, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Examples:\n  threadfold export inbox.mbox -o dataset\n  threadfold inspect takeout.zip\n\nExit status: 0 done, 1 done but something failed or was refused, 2 usage."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Beyond any machine's cores: more is a slip of the hand, and no system starts that many.
const MAX_THREADS: u64 = 1024;

/// What every verb understands.
#[derive(ClapArgs)]
pub(crate) struct Common {
    /// How many threads work; the output does not depend on it [default: all cores]
    #[arg(
        long,
        global = true,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(0..=MAX_THREADS)
    )]
    pub(crate) threads: usize,
    /// Say nothing but errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Form of what is said on stderr
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

impl Common {
    pub(crate) fn log(&self) -> Log {
        Log { quiet: self.quiet, json: self.log_format == LogFormat::Json }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    Export(Box<Export>),
    Inspect(Inspect),
    Threads(Threads),
    Reply(Reply),
    Redact(Redact),
    Convert(Convert),
    Validate(Box<Validate>),
    Recipe(Recipe),
    Insights(Insights),
    Audit(Audit),
    Generate(Generate),
    Vault(Vault),
    Vary(Box<crate::verbs::vary::Vary>),
}

/// Turn mail into a dataset folder: the main job
#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  threadfold export inbox.mbox -o dataset\n  threadfold export ~/Maildir takeout.zip -o dataset --agent shop.example.com --examples every\n  cat inbox.mbox | threadfold export - -o dataset --no-redact --split 0"
)]
pub(crate) struct Export {
    /// mbox files, Maildirs, folders of .eml/.emlx, archives of those, or - for stdin
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// The folder to write; it appears whole or not at all
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// An address or domain that answers for the business (repeatable) [default: found]
    #[arg(long = "agent", value_name = "ADDR_OR_DOMAIN")]
    pub(crate) agents: Vec<String>,
    /// One example a thread, ending at its last answer, or one for each answer
    #[arg(long, value_enum, default_value_t = Which::Last)]
    pub(crate) examples: Which,
    /// A format to write beside examples.jsonl and dataset.csv (repeatable) [default: messages and prompt_completion];
    /// there are messages, prompt_completion, trl, axolotl, mlx, alpaca, sharegpt, gemini, bedrock_nova, bedrock_llama,
    /// bedrock_claude, dpo, dpo_openai, rag and text
    #[arg(long = "format", value_name = "NAME")]
    pub(crate) formats: Vec<String>,
    /// A system message for the formats that have one
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,
    /// In chat messages: weight 0 for every reply but the last, for trainers that know weights
    #[arg(long)]
    pub(crate) last_reply_only: bool,
    /// Examples longer than this many tokens lose their oldest turns, never a word of the answer
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u64>,
    /// The vocabulary that --max-tokens counts by (gpt-4o-mini, cl100k_base, estimate …)
    #[arg(long, value_name = "MODEL", default_value = "o200k_base", requires = "max_tokens")]
    pub(crate) tokens: String,
    /// Take personal data out (the default)
    #[arg(long, overrides_with = "no_redact")]
    pub(crate) redact: bool,
    /// Leave personal data in
    #[arg(long)]
    pub(crate) no_redact: bool,
    /// Something redaction must leave alone, such as the shop's own phone number, or a .toml file of such facts (repeatable)
    #[arg(long = "keep", value_name = "LITERAL|FILE.toml")]
    pub(crate) keep: Vec<String>,
    /// Write what each placeholder stands for to this file, outside the folder, encrypted with the passphrase
    /// in the environment variable THREADFOLD_VAULT_PASSPHRASE [default: nobody can tell]
    #[arg(long, value_name = "FILE")]
    pub(crate) vault: Option<PathBuf>,
    /// Share of examples set apart for validation, 0 for none
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) split: f64,
    /// Only messages from this day or time on (2023-01-31 or RFC 3339, UTC)
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only messages before this day or time
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// How messages become threads
    #[arg(long, value_name = "POLICY", default_value = "support")]
    pub(crate) policy: String,
    /// Seed of everything drawn by chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Keep signatures in the turns
    #[arg(long)]
    pub(crate) keep_signature: bool,
    /// Keep the quoted lines that an inline reply answers
    #[arg(long)]
    pub(crate) keep_quoted: bool,
    /// Keep forwarded content
    #[arg(long)]
    pub(crate) keep_forwarded: bool,
    /// Make no turns of messages that exist only in the quoted history of others
    #[arg(long)]
    pub(crate) no_recover: bool,
    /// Messages larger than this many bytes are dropped with the reason too_large
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20)]
    pub(crate) max_message_size: u64,
    /// Messages with more bytes of text than this, attachments not counted, are dropped with the reason too_large
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    pub(crate) max_text_size: u64,
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// Leave out conversations whose answer is out of date: a later answer to the same question states otherwise.
    /// Compares every conversation, however many
    #[arg(long)]
    pub(crate) drop_stale: bool,
    /// Hold back conversations whose answer contradicts others of the same time. Compares every conversation, however
    /// many
    #[arg(long)]
    pub(crate) hold_inconsistent: bool,
    /// Write no report.html and do not compare the answers (examples with stale or contradicting ones are then not
    /// flagged). Without this, of more than 6,000 examples about so many are compared, and the page says so
    #[arg(long)]
    pub(crate) no_report: bool,
    #[command(flatten)]
    pub(crate) synthetic: crate::verbs::vary::Synthetic,
    /// Replace the folder of an earlier export
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    Last,
    Every,
}

/// Count a finished export again, against the mail it was made of if that is given
#[derive(ClapArgs)]
#[command(
    after_help = "Without INPUT: files, counts, ids, renderings and the split, by the folder alone.\nWith the mail of the export (all of it, in the same order): every message has one line in the ledger, and every\nturn of every example stands in the message it was taken from.\nExit status: 0 nothing wrong, 1 something wrong (said what and where), 2 usage.\n\nExamples:\n  threadfold audit dataset\n  threadfold audit dataset inbox.mbox --json"
)]
pub(crate) struct Audit {
    /// The folder that export wrote
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The mail that it was made of, as it was given to export
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// One JSON object instead of lines
    #[arg(long)]
    pub(crate) json: bool,
}

/// How much may come out of an archive.
#[derive(ClapArgs, Default)]
#[command(next_help_heading = "Limits (for each file given or found on disk)")]
pub(crate) struct Limits {
    /// Bytes that may be unpacked [default: 1 TiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_unpacked_bytes: Option<u64>,
    /// How many times its size it may unpack to, beyond the first 64 MiB [default: 250]
    #[arg(long, value_name = "N")]
    pub(crate) max_expansion_ratio: Option<u64>,
    /// Members that are looked at, nested ones included [default: 10 million]
    #[arg(long, value_name = "N")]
    pub(crate) max_members: Option<u64>,
    /// Containers inside each other [default: 8]
    #[arg(long, value_name = "N")]
    pub(crate) max_nesting: Option<u32>,
}

impl Limits {
    pub(crate) fn options(&self) -> threadfold::archive::Options {
        let mut options = threadfold::archive::Options::default();
        if let Some(bytes) = self.max_unpacked_bytes {
            options.max_unpacked_bytes = bytes;
        }
        if let Some(ratio) = self.max_expansion_ratio {
            options.max_expansion_ratio = ratio;
        }
        if let Some(members) = self.max_members {
            options.max_members = members;
        }
        if let Some(levels) = self.max_nesting {
            options.max_nesting = levels;
        }
        options
    }
}

/// Say what is in an archive: dialects, messages, dates, threads, likely agents, defects
#[derive(ClapArgs)]
#[command(after_help = "Examples:\n  threadfold inspect inbox.mbox\n  threadfold inspect takeout.zip --json")]
pub(crate) struct Inspect {
    /// Where the mail is, as for export
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// An address or domain that answers for the business (repeatable) [default: found]
    #[arg(long = "agent", value_name = "ADDR_OR_DOMAIN")]
    pub(crate) agents: Vec<String>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// Show the conversations as trees, or one line a message with --json
#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  threadfold threads inbox.mbox | less\n  threadfold threads --json --policy references inbox.mbox"
)]
pub(crate) struct Threads {
    /// Where the mail is, as for export
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// support, rfc5256 or references
    #[arg(long, value_name = "POLICY", default_value = "support")]
    pub(crate) policy: String,
    /// An address or domain that answers for the business (repeatable) [default: found]
    #[arg(long = "agent", value_name = "ADDR_OR_DOMAIN")]
    pub(crate) agents: Vec<String>,
    /// One JSON line a message
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// New text out of mail bodies: JSON lines in, JSON lines out
#[derive(ClapArgs)]
#[command(
    after_help = "Input lines:  {\"id\":\"1\",\"kind\":\"text\",\"body\":\"…\",\"parents\":[\"…\"]}   (kind: text or html; parents optional)\nOutput lines: {\"id\":\"1\",\"reply\":\"…\",\"signature\":\"…\",\"quoted\":[\"…\"],\"uncertain\":false,\"removed\":[…]}\n\nExample:\n  threadfold reply < bodies.jsonl"
)]
pub(crate) struct Reply {
    /// Keep the signature in the reply
    #[arg(long)]
    pub(crate) keep_signature: bool,
    /// Keep the quoted lines that an inline reply answers
    #[arg(long)]
    pub(crate) keep_quoted: bool,
    /// Keep forwarded content
    #[arg(long)]
    pub(crate) keep_forwarded: bool,
}

/// Personal data out of texts: JSON lines in, JSON lines out
#[derive(ClapArgs)]
#[command(
    after_help = "Input lines:  {\"id\":\"1\",\"text\":\"…\",\"participants\":[{\"name\":\"…\",\"email\":\"…\",\"role\":\"customer\"}]}\nOutput lines: {\"id\":\"1\",\"text\":\"…\",\"spans\":[{\"start\":0,\"end\":5,\"type\":\"NAME\"}]}   (offsets in code points of the input)\n\nExample:\n  threadfold redact < texts.jsonl"
)]
pub(crate) struct Redact {
    /// Something to leave alone, or a .toml file of such facts (repeatable)
    #[arg(long = "keep", value_name = "LITERAL|FILE.toml")]
    pub(crate) keep: Vec<String>,
}

/// One dataset format to another, a hand-edited CSV included
#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  threadfold convert dataset/dataset.csv --to messages -o train.jsonl\n  threadfold convert dataset/examples.jsonl --to csv -o - > sheet.csv"
)]
pub(crate) struct Convert {
    /// The file to read, or - for stdin
    pub(crate) input: PathBuf,
    /// The format to write: those of export, canonical, csv, or parquet where it is built in
    #[arg(long, value_name = "NAME")]
    pub(crate) to: String,
    /// The format to read [default: told from the file]
    #[arg(long, value_name = "NAME")]
    pub(crate) from: Option<String>,
    /// The file to write, or - for stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// A system message for the formats that have one
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,
    /// In chat messages: weight 0 for every reply but the last, for trainers that know weights
    #[arg(long)]
    pub(crate) last_reply_only: bool,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

/// Say what is wrong with a dataset file of any known format, row by row
#[derive(ClapArgs)]
#[command(
    after_help = "Reads every format of `convert`, and CSV, TSV, XLSX, JSON and TXT.\nExit status: 0 no error found, 1 an error found (with --fix: one that is still there), 2 usage.\n\nExamples:\n  threadfold validate train.jsonl --for openai\n  threadfold validate train.jsonl --valid valid.jsonl --json\n  threadfold validate faq.csv --fix -o faq_fixed.csv\n  threadfold validate train.jsonl --tokens gpt-4o-mini --price 25"
)]
pub(crate) struct Validate {
    /// The file to check, or - for stdin
    pub(crate) input: PathBuf,
    /// The format [default: told from the file]
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// Check against what this trainer refuses (openai, together, mistral, trl, bedrock-nova …)
    #[arg(long = "for", value_name = "TRAINER")]
    pub(crate) trainer: Option<String>,
    /// The validation file that belongs to it: checked as well, and for questions that stand in both
    #[arg(long, value_name = "FILE")]
    pub(crate) valid: Option<PathBuf>,
    /// One JSON line a finding, and one for the whole at the end
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the file with everything mended that is safe to mend, and say what that was
    #[arg(long)]
    pub(crate) fix: bool,
    /// Where to write the mended file [default: NAME_fixed beside the file]
    #[arg(short, long, value_name = "FILE", requires = "fix")]
    pub(crate) output: Option<PathBuf>,
    /// Count tokens by this model's vocabulary (gpt-4o-mini, o200k_base, cl100k_base …)
    #[arg(long, value_name = "MODEL", conflicts_with = "tokenizer")]
    pub(crate) tokens: Option<String>,
    /// Count tokens by this tokenizer.json
    #[arg(long, value_name = "FILE")]
    pub(crate) tokenizer: Option<PathBuf>,
    /// Tokens that an example may have [default: the trainer's limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u64>,
    /// Price of a million trained tokens, to say what training costs
    #[arg(long, value_name = "PRICE")]
    pub(crate) price: Option<f64>,
    /// Something that is no personal data, such as the shop's own phone number (repeatable); what an export
    /// kept, by the report.json beside the file, is known
    #[arg(long = "keep", value_name = "LITERAL")]
    pub(crate) keep: Vec<String>,
    /// Do not look for personal data
    #[arg(long)]
    pub(crate) no_personal_data: bool,
    /// Replace an existing mended file
    #[arg(long)]
    pub(crate) force: bool,
}

/// What customers keep asking, in whose words, how often, and where your answers contradict each other
#[derive(ClapArgs)]
#[command(
    after_help = "FILE_OR_DIR is a folder that export wrote, an examples.jsonl, or mail as for export.\nWrites report.html, faq.html, faq.md, faq.schema.json and insights.json into the folder given with -o.\n\nWith --questions, lines from stdin:\nInput lines:  {\"id\":\"1\",\"text\":\"…\",\"answer\":\"…\",\"date\":\"2024-03-01T09:12:00Z\"}   (answer and date optional)\nOutput lines: {\"id\":\"1\",\"cluster\":0}   (null: asked once only)\n\nExamples:\n  threadfold insights dataset -o insights --site saved-pages\n  threadfold insights --questions < questions.jsonl"
)]
pub(crate) struct Insights {
    /// What to read
    #[arg(required_unless_present = "questions", conflicts_with = "questions", value_name = "FILE_OR_DIR")]
    pub(crate) input: Option<PathBuf>,
    /// Group questions from stdin instead
    #[arg(long)]
    pub(crate) questions: bool,
    /// The folder to write
    #[arg(short, long, value_name = "DIR", default_value = "insights")]
    pub(crate) output: PathBuf,
    /// An address or domain that answers for the business, when mail is read (repeatable) [default: found]
    #[arg(long = "agent", value_name = "ADDR_OR_DOMAIN")]
    pub(crate) agents: Vec<String>,
    /// Saved pages of your website, to say what is on it already (repeatable)
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    pub(crate) site: Vec<PathBuf>,
    /// The name of the business, for the title
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Above 1 gives smaller groups of questions, below 1 larger [default: told by the answers]
    #[arg(long, value_name = "FACTOR")]
    pub(crate) granularity: Option<f64>,
    /// Replace the files of an earlier run
    #[arg(long)]
    pub(crate) force: bool,
}

/// Print the configuration or the commands that train on files just written
#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  threadfold recipe --for axolotl dataset > axolotl.yaml\n  threadfold recipe --for mlx dataset"
)]
pub(crate) struct Recipe {
    /// axolotl, llama-factory, trl, mlx, openai or together
    #[arg(long = "for", value_name = "TRAINER")]
    pub(crate) trainer: String,
    /// The folder of an export, or a training file
    pub(crate) input: PathBuf,
}

/// Read what placeholders stand for out of the vault of an export
#[derive(ClapArgs)]
#[command(
    after_help = "The passphrase is read from the environment variable THREADFOLD_VAULT_PASSPHRASE.\nOutput lines: {\"thread\":\"…\",\"placeholder\":\"[EMAIL_1]\",\"values\":[\"…\"]}\nPayment cards, passwords and other secrets are in no vault.\n\nExample:\n  threadfold vault map.vault --thread 5f2c9a0b11d3e874"
)]
pub(crate) struct Vault {
    /// The file that export wrote with --vault
    pub(crate) file: PathBuf,
    /// Only this thread, by its id in examples.jsonl
    #[arg(long, value_name = "ID")]
    pub(crate) thread: Option<String>,
}

/// Write a large fictional mailbox with known answers beside it
#[derive(ClapArgs)]
#[command(
    after_help = "Writes FILE and FILE's known answers, truth.jsonl, beside it (FILE.truth.jsonl).\n\nExamples:\n  threadfold generate -o big.mbox --messages 20000 --seed 1\n  threadfold generate -o heavy.mbox --profile attachments --bytes 2000000000"
)]
pub(crate) struct Generate {
    /// The mbox file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// How many messages
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) messages: u64,
    /// Go on until the mailbox has this many bytes
    #[arg(long, value_name = "BYTES")]
    pub(crate) bytes: Option<u64>,
    /// The same seed gives the same mailbox
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Share of customers' messages with personal data planted in them, for trying redaction
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub(crate) personal: f64,
    /// What most bytes are
    #[arg(long, value_enum, default_value_t = Profile::Mixed)]
    pub(crate) profile: Profile,
    /// Replace existing files
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    Mixed,
    Text,
    Attachments,
}
