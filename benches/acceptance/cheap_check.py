"""Consumers that need no model: Mistral, OpenAI's schema, Gemini's types, Hugging Face datasets."""

import json
import pathlib
import sys
import tempfile

from common import check, rows, version

folder = pathlib.Path(sys.argv[1])
here = pathlib.Path(__file__).resolve().parent
export, hard, weighted = folder / "export", folder / "hard", folder / "weighted"


def schema(path):
    import jsonschema

    validator = jsonschema.Draft202012Validator(json.loads((here / "openai_chat.schema.json").read_text()))
    n = 0
    for row in rows(path):
        validator.validate(row)
        n += 1
    return f"{n} rows"


def mistral(path, with_weights):
    from mistral_common.protocol.instruct.messages import FinetuningAssistantMessage, SystemMessage, UserMessage
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.validator import MistralRequestValidatorV3, ValidationMode

    kinds = {"system": SystemMessage, "user": UserMessage, "assistant": FinetuningAssistantMessage}
    validator = MistralRequestValidatorV3(ValidationMode.finetuning)
    n = 0
    for row in rows(path):
        messages = [kinds[m["role"]](**m) for m in row["messages"]]
        validator.validate_request(ChatCompletionRequest(messages=messages))
        if with_weights:
            weights = [m.weight for m in messages if isinstance(m, FinetuningAssistantMessage)]
            assert weights == [0] * (len(weights) - 1) + [1], weights
        n += 1
    return f"{n} rows" + (", the last reply alone has weight 1" if with_weights else "")


def gemini(path):
    from google.genai import types

    n = 0
    for row in rows(path):
        assert set(row) <= {"systemInstruction", "contents"}
        contents = [types.Content.model_validate(content) for content in row["contents"]]
        if "systemInstruction" in row:
            types.Content.model_validate(row["systemInstruction"])
        assert [c.role for c in contents] == (["user", "model"] * len(contents))[: len(contents)]
        assert contents[-1].role == "model" and all(c.parts[0].text for c in contents)
        n += 1
    return f"{n} rows"


def datasets(paths):
    import datasets as hf

    hf.disable_progress_bars()
    hf.logging.set_verbosity_error()
    loaded = []
    for path in paths:
        expected = len(rows(path))
        if expected == 0:
            continue
        with tempfile.TemporaryDirectory() as cache:
            data = hf.load_dataset("json", data_files=str(path), split="train", cache_dir=cache)
            assert len(data) == expected, f"{path}: {len(data)} of {expected}"
            first = data[0]
            assert set(first) == set(rows(path)[0]), f"{path}: {set(first)}"
        loaded.append(path.name.removeprefix("train.").removesuffix(".jsonl"))
    return f"{len(loaded)} files: {', '.join(loaded)}"


for path in (export / "train.messages.jsonl", weighted / "train.messages.jsonl", hard / "train.messages.jsonl"):
    name = f"{path.parent.name}/{path.name}"
    check("OpenAI chat schema", name, lambda: schema(path))
    check(version("mistral-common"), name, lambda: mistral(path, path.parent == weighted))
for place in (export, hard):
    path = place / "train.gemini.jsonl"
    check(version("google-genai") + " types", f"{place.name}/{path.name}", lambda: gemini(path))
    paths = sorted(p for p in place.rglob("*.jsonl") if p.name.startswith(("train", "valid")))
    check(version("datasets"), f"{place.name}/*.jsonl", lambda: datasets(paths))
