//! The trainers: which formats each reads, and what it refuses. As measured or read in November 2026; where a
//! vendor names no limit, none is made up.

use crate::error::Error;
use crate::format::Format;

/// A trainer, and what it refuses.
///
/// ```
/// use threadfold_dataset::Trainer;
/// let nova = Trainer::from_name("bedrock-nova").unwrap();
/// assert_eq!(nova.min_examples, Some(8));
/// assert!(nova.alternating);
/// ```
#[derive(Debug)]
pub struct Trainer {
    /// The name users give it.
    pub name: &'static str,
    /// Other names that mean it.
    pub aliases: &'static [&'static str],
    /// The formats it reads; the first is the one to write for it.
    pub formats: &'static [Format],
    /// Fewer examples are refused.
    pub min_examples: Option<u64>,
    /// More examples are refused.
    pub max_examples: Option<u64>,
    /// Tokens that an example may have; more is cut off or refused.
    pub max_tokens: Option<u64>,
    /// Bytes that a file may have.
    pub max_bytes: Option<u64>,
    /// Whether customer and agent must take strict turns, the customer first.
    pub alternating: bool,
    /// Whether the last message must be the agent's.
    pub ends_with_agent: bool,
    /// Whether it refuses fields other than its own.
    pub own_fields_only: bool,
    /// Whether it refuses a byte order mark and blank lines.
    pub strict_lines: bool,
    /// Whether it looks at `weight`.
    pub weight: bool,
    /// Characters that a file's name may not have.
    pub plain_file_name: bool,
    /// How to make it learn the last reply only.
    pub last_reply_only: &'static str,
}

const PLAIN: Trainer = Trainer {
    name: "",
    aliases: &[],
    formats: &[],
    min_examples: None,
    max_examples: None,
    max_tokens: None,
    max_bytes: None,
    alternating: false,
    ends_with_agent: false,
    own_fields_only: false,
    strict_lines: true,
    weight: false,
    plain_file_name: false,
    last_reply_only: "",
};

/// Every trainer.
pub const TRAINERS: &[Trainer] = &[
    Trainer {
        name: "openai",
        formats: &[Format::Messages, Format::DpoOpenAi],
        min_examples: Some(10),
        max_tokens: Some(65_536),
        ends_with_agent: true,
        own_fields_only: true,
        weight: true,
        last_reply_only: "weight 0 on earlier replies (--last-reply-only)",
        ..PLAIN
    },
    Trainer {
        name: "azure",
        aliases: &["azure_openai"],
        formats: &[Format::Messages, Format::DpoOpenAi],
        min_examples: Some(10),
        max_tokens: Some(65_536),
        max_bytes: Some(5 << 30),
        ends_with_agent: true,
        own_fields_only: true,
        // Its documents once asked for the mark.
        strict_lines: false,
        weight: true,
        last_reply_only: "weight 0 on earlier replies (--last-reply-only)",
        ..PLAIN
    },
    Trainer {
        name: "openai_legacy",
        aliases: &["legacy"],
        formats: &[Format::PromptCompletion],
        max_tokens: Some(2_048),
        own_fields_only: true,
        last_reply_only: "always",
        ..PLAIN
    },
    Trainer {
        name: "together",
        formats: &[Format::Messages, Format::PromptCompletion, Format::DpoOpenAi, Format::Text],
        max_bytes: Some(50 << 30),
        alternating: true,
        own_fields_only: true,
        weight: true,
        last_reply_only: "weight 0 on earlier replies (--last-reply-only)",
        ..PLAIN
    },
    Trainer {
        name: "fireworks",
        formats: &[Format::Messages, Format::DpoOpenAi],
        min_examples: Some(3),
        max_examples: Some(3_000_000),
        weight: true,
        last_reply_only: "weight 0 on earlier replies (--last-reply-only)",
        ..PLAIN
    },
    Trainer {
        name: "mistral",
        formats: &[Format::Messages, Format::Text],
        max_bytes: Some(10 << 30),
        ends_with_agent: true,
        weight: true,
        last_reply_only: "weight 0 on earlier replies (--last-reply-only)",
        ..PLAIN
    },
    Trainer {
        name: "trl",
        aliases: &["hugging_face", "unsloth"],
        formats: &[Format::Trl, Format::Messages, Format::PromptCompletion, Format::Dpo, Format::Text],
        strict_lines: false,
        last_reply_only: "the format trl: the completion only",
        ..PLAIN
    },
    Trainer {
        name: "axolotl",
        formats: &[Format::Axolotl, Format::Messages, Format::Alpaca, Format::ShareGpt, Format::Text],
        strict_lines: false,
        last_reply_only: "message_field_training: train, roles_to_train: []",
        ..PLAIN
    },
    Trainer {
        name: "llama_factory",
        formats: &[Format::ShareGpt, Format::Alpaca, Format::Messages],
        alternating: true,
        ends_with_agent: true,
        strict_lines: false,
        last_reply_only: "mask_history: true",
        ..PLAIN
    },
    Trainer {
        name: "mlx",
        aliases: &["mlx_lm"],
        formats: &[Format::Mlx, Format::Messages, Format::PromptCompletion, Format::Text],
        ends_with_agent: true,
        last_reply_only: "--mask-prompt",
        ..PLAIN
    },
    Trainer {
        name: "vertex",
        aliases: &["gemini"],
        formats: &[Format::Gemini],
        min_examples: Some(16),
        max_bytes: Some(1 << 30),
        ends_with_agent: true,
        own_fields_only: true,
        last_reply_only: "not possible",
        ..PLAIN
    },
    Trainer {
        name: "bedrock_nova",
        aliases: &["nova", "bedrock"],
        formats: &[Format::BedrockNova],
        min_examples: Some(8),
        max_examples: Some(20_000),
        alternating: true,
        ends_with_agent: true,
        plain_file_name: true,
        last_reply_only: "not possible",
        ..PLAIN
    },
    Trainer {
        name: "bedrock_llama",
        formats: &[Format::BedrockLlama, Format::PromptCompletion],
        max_examples: Some(10_000),
        last_reply_only: "not possible",
        ..PLAIN
    },
    Trainer {
        name: "bedrock_claude",
        aliases: &["claude"],
        formats: &[Format::BedrockClaude, Format::Messages],
        min_examples: Some(32),
        max_examples: Some(10_000),
        max_tokens: Some(32_000),
        max_bytes: Some(10 << 30),
        alternating: true,
        ends_with_agent: true,
        last_reply_only: "not possible",
        ..PLAIN
    },
];

impl Trainer {
    /// The trainer of that name or alias; `-` and `_` are the same, letter case does not matter.
    ///
    /// # Errors
    /// [`Error::UnknownTrainer`], which lists the names there are.
    pub fn from_name(name: &str) -> Result<&'static Trainer, Error> {
        let plain = |n: &str| n.trim().to_ascii_lowercase().replace('-', "_");
        let wanted = plain(name);
        TRAINERS.iter().find(|t| t.name == wanted || t.aliases.contains(&wanted.as_str())).ok_or_else(|| {
            Error::UnknownTrainer {
                name: name.to_owned(),
                known: TRAINERS.iter().map(|t| t.name).collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// Words that it takes for markup.
    pub fn reserved(&self) -> &'static [&'static str] {
        self.formats[0].info().reserved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_trainer_reads_something() {
        let mut names = std::collections::BTreeSet::new();
        for trainer in TRAINERS {
            assert!(!trainer.formats.is_empty() && !trainer.last_reply_only.is_empty());
            for name in std::iter::once(&trainer.name).chain(trainer.aliases) {
                assert!(names.insert(*name), "{name}");
                assert_eq!(Trainer::from_name(&name.replace('_', "-")).unwrap().name, trainer.name);
            }
        }
        assert!(Trainer::from_name("abacus").unwrap_err().to_string().contains("openai"));
    }
}
