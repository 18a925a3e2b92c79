"""MLX-LM on the CPU, two steps: with --mask-prompt the last reply is trained and nothing else."""

import pathlib
import sys
import tempfile
import types

from common import check, rows, version

folder = pathlib.Path(sys.argv[1])


def run(place):
    import mlx.core as mx
    import mlx.optimizers as optimizers
    from mlx_lm.models import llama
    from mlx_lm.tuner.datasets import CacheDataset, load_local_dataset
    from mlx_lm.tuner.trainer import TrainingArgs, train

    from tiny import tokenizer

    mx.set_default_device(mx.cpu)
    words = tokenizer()
    config = types.SimpleNamespace(mask_prompt=True)
    training, valid, _ = load_local_dataset(place / "mlx", words, config)
    expected = rows(place / "mlx/train.jsonl")
    assert len(training) == len(expected) and len(valid) == len(rows(place / "mlx/valid.jsonl"))
    seen = 0
    for at in range(min(len(training), 60)):
        tokens, offset = training.process(training[at])
        said = words.decode(tokens[offset:])
        reply = expected[at]["messages"][-1]["content"]
        assert said == reply + "<|end|>", (said[:200], reply[:200])
        seen += 1
    arguments = llama.ModelArgs(model_type="llama", hidden_size=16, num_hidden_layers=1, intermediate_size=32, num_attention_heads=2, num_key_value_heads=2, rms_norm_eps=1e-5, vocab_size=300)
    with tempfile.TemporaryDirectory() as out:
        settings = TrainingArgs(batch_size=2, iters=2, val_batches=1, steps_per_report=1, steps_per_eval=2, steps_per_save=100, adapter_file=str(pathlib.Path(out) / "adapters.safetensors"), max_seq_length=4096)
        train(llama.Model(arguments), optimizers.Adam(learning_rate=1e-4), CacheDataset(training), CacheDataset(valid), args=settings)
    return f"2 steps; the trained span of {seen} rows is exactly the last reply"


for place in ("export", "hard"):
    check(version("mlx-lm"), f"{place}/mlx", lambda: run(folder / place))
