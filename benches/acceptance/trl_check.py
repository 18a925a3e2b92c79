"""TRL on the CPU, two steps: what is trained must be the completion, all of it and nothing else."""

import os
import pathlib
import sys
import tempfile

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", WANDB_DISABLED="true")

from common import check, rows, version

folder = pathlib.Path(sys.argv[1])


def model():
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(vocab_size=300, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=8192)
    return LlamaForCausalLM(config)


def load(path, most):
    from datasets import Dataset

    return Dataset.from_list(rows(path)[:most])


def sft(path):
    from trl import SFTConfig, SFTTrainer

    from tiny import tokenizer

    words = tokenizer()
    with tempfile.TemporaryDirectory() as out:
        config = SFTConfig(output_dir=out, max_steps=2, per_device_train_batch_size=2, report_to=[], max_length=8192, use_cpu=True, bf16=False, logging_steps=1, save_strategy="no", dataset_num_proc=None, completion_only_loss=True)
        trainer = SFTTrainer(model=model(), args=config, train_dataset=load(path, 40), processing_class=words)
        trainer.train()
        trained = 0
        by_input = {}
        for row in rows(path)[:40]:
            whole = words.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
            by_input[whole] = row["completion"][0]["content"]
        for batch in trainer.get_train_dataloader():
            for ids, labels in zip(batch["input_ids"], batch["labels"]):
                kept = labels[labels != -100]
                said = words.decode(kept)
                whole = words.decode([i for i in ids.tolist() if i != words.pad_token_id])
                expected = by_input[whole]
                # The end of the turn is learned too, or the model would never stop.
                assert said in (expected + "<|end|>", expected), (said[:200], expected[:200])
                trained += 1
        assert trained == len(by_input) or trained == len(load(path, 40))
        return f"2 steps; the trained span of {trained} rows is exactly the completion"


def dpo(path):
    from trl import DPOConfig, DPOTrainer

    from tiny import tokenizer

    data = load(path, 8)
    assert len(data) > 0
    with tempfile.TemporaryDirectory() as out:
        config = DPOConfig(output_dir=out, max_steps=2, per_device_train_batch_size=1, report_to=[], use_cpu=True, bf16=False, save_strategy="no")
        DPOTrainer(model=model(), ref_model=model(), args=config, train_dataset=data, processing_class=tokenizer()).train()
    return f"2 steps on {len(data)} pairs"


for place in ("export", "hard"):
    check(version("trl") + " SFT", f"{place}/train.trl.jsonl", lambda: sft(folder / place / "train.trl.jsonl"))
check(version("trl") + " DPO", "hard/train.dpo.jsonl", lambda: dpo(folder / "hard/train.dpo.jsonl"))
