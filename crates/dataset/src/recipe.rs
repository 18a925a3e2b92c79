//! Recipes: the configuration or the commands that train on files just written.
//!
//! A recipe names the files, the number of epochs, and the setting by which that trainer learns the last
//! reply only. What it cannot know, the model above all, stands there in capitals to be filled in.

use std::fmt::Write;

use crate::count::recommended_epochs;
use crate::error::Error;
use crate::format::Format;

/// Whom a recipe is for.
///
/// ```
/// use threadfold_dataset::RecipeFor;
/// assert_eq!("llama-factory".parse::<RecipeFor>().unwrap(), RecipeFor::LlamaFactory);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecipeFor {
    /// A YAML file for Axolotl.
    Axolotl,
    /// A YAML file for LLaMA-Factory.
    LlamaFactory,
    /// A Python script for TRL.
    Trl,
    /// A command of MLX-LM.
    Mlx,
    /// A Python script for OpenAI.
    OpenAi,
    /// Commands of Together.
    Together,
}

impl RecipeFor {
    /// All of them with their names.
    pub const ALL: &'static [(&'static str, RecipeFor)] = &[
        ("axolotl", RecipeFor::Axolotl),
        ("llama-factory", RecipeFor::LlamaFactory),
        ("trl", RecipeFor::Trl),
        ("mlx", RecipeFor::Mlx),
        ("openai", RecipeFor::OpenAi),
        ("together", RecipeFor::Together),
    ];

    /// The formats it can train on, the best first.
    pub fn formats(self) -> &'static [Format] {
        match self {
            RecipeFor::Axolotl => &[Format::Axolotl, Format::Messages],
            RecipeFor::LlamaFactory => &[Format::ShareGpt, Format::Alpaca],
            RecipeFor::Trl => &[Format::Trl],
            RecipeFor::Mlx => &[Format::Mlx],
            RecipeFor::OpenAi | RecipeFor::Together => &[Format::Messages],
        }
    }
}

impl std::str::FromStr for RecipeFor {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let wanted = name.trim().to_ascii_lowercase().replace('_', "-");
        Self::ALL.iter().find(|(known, _)| *known == wanted).map(|(_, recipe)| *recipe).ok_or_else(|| {
            Error::UnknownTrainer {
                name: name.to_owned(),
                known: Self::ALL.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", "),
            }
        })
    }
}

/// The files to train on.
///
/// ```
/// use threadfold_dataset::{Format, RecipeFiles, RecipeFor, recipe};
/// let files = RecipeFiles {
///     format: Format::Mlx,
///     train: "dataset/mlx/train.jsonl".into(),
///     valid: Some("dataset/mlx/valid.jsonl".into()),
///     examples: 400,
///     weighted: false,
///     system: None,
/// };
/// let text = recipe(RecipeFor::Mlx, &files);
/// assert!(text.contains("--data 'dataset/mlx'") && text.contains("--mask-prompt") && text.contains("--iters 300"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipeFiles {
    /// Their format, one of [`RecipeFor::formats`].
    pub format: Format,
    /// The training file as the trainer is to find it.
    pub train: String,
    /// The validation file, if there is one.
    pub valid: Option<String>,
    /// Examples in the training file.
    pub examples: u64,
    /// Whether the messages have weights.
    pub weighted: bool,
    /// The system message of the examples: the recipe repeats it, for the model in use needs it as well.
    pub system: Option<String>,
}

/// Writes a recipe.
pub fn recipe(whom: RecipeFor, files: &RecipeFiles) -> String {
    // Adapters on small sets learn by heart long before a service's formula ends.
    let epochs = recommended_epochs(files.examples);
    let few = epochs.min(5);
    let mut text = match whom {
        RecipeFor::Axolotl => axolotl(files, few),
        RecipeFor::LlamaFactory => llama_factory(files, few),
        RecipeFor::Trl => trl(files, few),
        RecipeFor::Mlx => mlx(files, few),
        RecipeFor::OpenAi => openai(files, epochs),
        RecipeFor::Together => together(files, epochs.min(20)),
    };
    if let Some(system) = &files.system {
        // Quoted as JSON it is one line, whatever it says: a comment in YAML, Python and the shell.
        _ = write!(
            text,
            "\n# The examples have a system message. Give the trained model the same one in use:\n# {}\n",
            quoted(system)
        );
    }
    text
}

/// In double quotes, as JSON, YAML and Python all read it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// For a POSIX shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

fn file(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, file)| file)
}

fn axolotl(files: &RecipeFiles, epochs: u64) -> String {
    // The table of formats knows two kinds of such files: with a mark on every message, and with weights.
    let learned = match (files.format, files.weighted) {
        (Format::Axolotl, _) => {
            "    # The file says of every message whether it is learned: the last reply only.\n    \
             roles_to_train: []\n    message_field_training: train\n"
        }
        (_, true) => {
            "    # Weights in the file say which reply is learned: the last.\n    \
             roles_to_train: []\n    message_field_training: weight\n"
        }
        _ => {
            "    # Every reply is learned. For the last only: threadfold convert --to axolotl.\n    \
             roles_to_train: [assistant]\n"
        }
    };
    let set = |path: &str| {
        format!(
            "  - path: {}\n    ds_type: json\n    split: train\n    type: chat_template\n    \
             field_messages: messages\n    message_property_mappings:\n      role: role\n      content: content\n\
             {learned}    train_on_eos: turn\n",
            quoted(path)
        )
    };
    let mut text =
        format!("# axolotl train axolotl.yaml\nbase_model: BASE_MODEL\n\ndatasets:\n{}", set(&files.train));
    match &files.valid {
        Some(valid) => _ = write!(text, "test_datasets:\n{}", set(valid)),
        // A share of rows would put one customer's words on both sides.
        None => text.push_str("val_set_size: 0\n"),
    }
    _ = write!(
        text,
        "\nadapter: lora\nlora_r: 16\nlora_alpha: 32\nlora_target_linear: true\nsequence_len: 4096\n\
         train_on_inputs: false\nnum_epochs: {epochs}\nmicro_batch_size: 2\ngradient_accumulation_steps: 4\n\
         learning_rate: 0.0002\nlr_scheduler: cosine\noptimizer: adamw_torch\nbf16: auto\noutput_dir: ./out\n"
    );
    text
}

fn llama_factory(files: &RecipeFiles, epochs: u64) -> String {
    let set = |path: &str| {
        let stem = file(path).split('.').next().unwrap_or("train");
        format!("threadfold_{stem}_{}", files.format.name())
    };
    let mut text = format!(
        "# llamafactory-cli train llama_factory.yaml\n# dataset_info.json stands beside the files.\n\
         model_name_or_path: BASE_MODEL\ntemplate: TEMPLATE_OF_THE_MODEL\n\nstage: sft\ndo_train: true\n\
         finetuning_type: lora\nlora_target: all\n\ndataset_dir: {}\ndataset: {}\n",
        quoted(folder(&files.train)),
        set(&files.train)
    );
    if let Some(valid) = &files.valid {
        _ = writeln!(text, "eval_dataset: {}\neval_strategy: epoch", set(valid));
    }
    _ = write!(
        text,
        "# The last reply is learned, the customer's words and earlier replies are not.\n\
         mask_history: true\ntrain_on_prompt: false\n\ncutoff_len: 4096\nnum_train_epochs: {epochs}.0\n\
         per_device_train_batch_size: 2\ngradient_accumulation_steps: 4\nlearning_rate: 1.0e-4\n\
         lr_scheduler_type: cosine\nbf16: true\noutput_dir: ./out\n"
    );
    text
}

fn trl(files: &RecipeFiles, epochs: u64) -> String {
    let mut data = format!("\"train\": {}", quoted(&files.train));
    let (mut eval, mut strategy) = ("", "");
    if let Some(valid) = &files.valid {
        _ = write!(data, ", \"valid\": {}", quoted(valid));
        eval = "    eval_dataset=data[\"valid\"],\n";
        strategy = "        eval_strategy=\"epoch\",\n";
    }
    format!(
        "# pip install trl peft datasets; python train_trl.py\nfrom datasets import load_dataset\n\
         from peft import LoraConfig\nfrom trl import SFTConfig, SFTTrainer\n\n\
         data = load_dataset(\"json\", data_files={{{data}}})\ntrainer = SFTTrainer(\n    \
         model=\"BASE_MODEL\",\n    train_dataset=data[\"train\"],\n{eval}    \
         peft_config=LoraConfig(r=16, lora_alpha=32, target_modules=\"all-linear\"),\n    args=SFTConfig(\n        \
         output_dir=\"out\",\n        num_train_epochs={epochs},\n        \
         # The completion is the last reply; the prompt is not learned.\n        completion_only_loss=True,\n        \
         max_length=4096,\n        per_device_train_batch_size=2,\n        gradient_accumulation_steps=4,\n        \
         learning_rate=2e-4,\n{strategy}    ),\n)\ntrainer.train()\ntrainer.save_model()\n"
    )
}

fn mlx(files: &RecipeFiles, epochs: u64) -> String {
    let batch = files.examples.clamp(1, 4);
    let iterations = (files.examples * epochs).div_ceil(batch).max(1);
    let mut text = String::from(
        "# --mask-prompt learns the last reply only; without it the customer's words are learned as well.\n",
    );
    if files.valid.is_none() {
        text.push_str("# MLX-LM wants a valid.jsonl beside train.jsonl: export with --split.\n");
    }
    _ = writeln!(
        text,
        "mlx_lm.lora --model BASE_MODEL --train --data {} --mask-prompt --batch-size {batch} --iters {iterations}",
        shell(folder(&files.train))
    );
    text
}

fn openai(files: &RecipeFiles, epochs: u64) -> String {
    let mut text = String::from(
        "# pip install openai; OPENAI_API_KEY=... python train_openai.py\nfrom openai import OpenAI\n\n\
         client = OpenAI()\n\n\ndef upload(path):\n    with open(path, \"rb\") as file:\n        \
         return client.files.create(file=file, purpose=\"fine-tune\").id\n\n\n",
    );
    text.push_str(if files.weighted {
        "# Weights in the file: the last reply is learned.\n"
    } else {
        "# Every reply is learned. For the last only: threadfold export or convert with --last-reply-only.\n"
    });
    _ = write!(
        text,
        "job = client.fine_tuning.jobs.create(\n    model=\"BASE_MODEL\",\n    training_file=upload({}),\n",
        quoted(&files.train)
    );
    if let Some(valid) = &files.valid {
        _ = writeln!(text, "    validation_file=upload({}),", quoted(valid));
    }
    _ = write!(
        text,
        "    method={{\"type\": \"supervised\", \"supervised\": {{\"hyperparameters\": {{\"n_epochs\": {epochs}}}}}}},\n)\n\
         print(job.id)\n"
    );
    text
}

fn together(files: &RecipeFiles, epochs: u64) -> String {
    let mut text = format!(
        "together files check {0}\nTRAIN=$(together files upload {0} | jq -r .id)\n",
        shell(&files.train)
    );
    let mut valid_argument = "";
    if let Some(valid) = &files.valid {
        _ = writeln!(text, "VALID=$(together files upload {} | jq -r .id)", shell(valid));
        valid_argument = " --validation-file \"$VALID\" --n-evals 3";
    }
    text.push_str(if files.weighted {
        "# Weights in the file: the last reply is learned.\n"
    } else {
        "# Every reply is learned. For the last only: threadfold export or convert with --last-reply-only.\n"
    });
    _ = writeln!(
        text,
        "together fine-tuning create --model BASE_MODEL --training-file \"$TRAIN\"{valid_argument} \
         --n-epochs {epochs} --lora --train-on-inputs false"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_names_its_files_and_learns_the_last_reply() {
        for (name, whom) in RecipeFor::ALL {
            let format = whom.formats()[0];
            let files = RecipeFiles {
                format,
                train: format!("my data/{}", format.file_name("train")),
                valid: Some(format!("my data/{}", format.file_name("valid"))),
                examples: 200,
                weighted: true,
                system: Some("Be kind.\nIf you are not sure, say so.".to_owned()),
            };
            let text = recipe(*whom, &files);
            assert!(text.contains("my data/"), "{name}: {text}");
            assert!(text.contains("BASE_MODEL"), "{name}");
            let repeated = "\n# \"Be kind.\\nIf you are not sure, say so.\"\n";
            assert!(text.ends_with(repeated), "{name}: the system message is repeated for use: {text}");
            let without = recipe(*whom, &RecipeFiles { system: None, ..files.clone() });
            assert!(!without.contains("system message"), "{name}: {without}");
            let setting = match whom {
                RecipeFor::Axolotl => "roles_to_train: []\n    message_field_training: train",
                RecipeFor::LlamaFactory => "mask_history: true",
                RecipeFor::Trl => "completion_only_loss=True",
                RecipeFor::Mlx => "--mask-prompt",
                RecipeFor::OpenAi | RecipeFor::Together => "Weights in the file",
            };
            assert!(text.contains(setting), "{name}: {text}");
            assert_eq!(name.parse::<RecipeFor>().unwrap(), *whom);
        }
        assert!("torch".parse::<RecipeFor>().is_err());
    }

    #[test]
    fn names_are_quoted() {
        let files = RecipeFiles {
            format: Format::Mlx,
            train: "it's/mlx/train.jsonl".into(),
            valid: None,
            examples: 3,
            weighted: false,
            system: None,
        };
        let text = recipe(RecipeFor::Mlx, &files);
        assert!(text.contains("--data 'it'\\''s/mlx'") && text.contains("--batch-size 3"), "{text}");
        assert!(text.contains("valid.jsonl beside"));
    }
}
