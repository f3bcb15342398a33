"""Writes a trained model as GGUF, for llama.cpp, and in the layout of Hugging Face.

Both formats are simple enough to be written here, so that a training host needs no
package but torch.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from bpe import SPECIAL, Tokenizer
from model import NORM_EPS, ROPE_BASE, Model
from torch import Tensor

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

_ALIGN = 32
_U32, _F32, _BOOL, _STRING, _ARRAY, _I32 = 4, 6, 7, 8, 9, 5
_NORMAL, _CONTROL = 1, 3


def write_gguf(model: Model, tokenizer: Tokenizer, name: str, path: Path) -> None:
    """Write ``path``: version 3, all weights as 32 bit floats."""
    tensors = _gguf_tensors(model)
    fields = _gguf_fields(model, tokenizer, name)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields))
    for key, value in fields.items():
        head += _string(key) + value
    offset = 0
    for key, tensor in tensors.items():
        sizes = list(reversed(tensor.shape))
        head += _string(key) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, 0, offset)
        offset += _padded(tensor.numel() * 4)
    with path.open("wb") as file:
        file.write(head + b"\0" * (_padded(len(head)) - len(head)))
        for tensor in tensors.values():
            data = _bytes(tensor)
            file.write(data + b"\0" * (_padded(len(data)) - len(data)))


def write_hf(model: Model, tokenizer: Tokenizer, folder: Path) -> None:
    """Write ``config.json``, ``model.safetensors`` and ``tokenizer.json``."""
    folder.mkdir(exist_ok=True)
    shape, tokens = model.shape, tokenizer.tokens
    end = tokens.index(SPECIAL[0])
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocab,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": NORM_EPS,
        "rope_theta": ROPE_BASE,
        "tie_word_embeddings": False,
        "bos_token_id": end,
        "eos_token_id": end,
        "torch_dtype": "float32",
    }
    special = [
        {"id": tokens.index(text), "content": text, "special": True, "normalized": False,
         "single_word": False, "lstrip": False, "rstrip": False}
        for text in SPECIAL
    ]  # fmt: skip
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": SPECIAL[0],
        "chat_template": CHAT_TEMPLATE,
    }
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    description = {
        "version": "1.0",
        "added_tokens": special,
        "pre_tokenizer": {**level, "use_regex": True},
        "decoder": {**level, "use_regex": True},
        "model": {
            "type": "BPE",
            "vocab": {text: number for number, text in enumerate(tokens)},
            "merges": [f"{left} {right}" for left, right in tokenizer.merges],
        },
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1))
    (folder / "tokenizer.json").write_text(json.dumps(description))
    (folder / "model.safetensors").write_bytes(_safetensors(_hf_tensors(model)))


def _gguf_fields(model: Model, tokenizer: Tokenizer, name: str) -> dict[str, bytes]:
    shape, tokens = model.shape, tokenizer.tokens
    end = tokens.index(SPECIAL[0])
    kinds = [_CONTROL if text in SPECIAL else _NORMAL for text in tokens]
    return {
        "general.architecture": _typed(_STRING, _string("llama")),
        "general.name": _typed(_STRING, _string(name)),
        "general.file_type": _number(0),
        "llama.vocab_size": _number(shape.vocab),
        "llama.context_length": _number(shape.context),
        "llama.embedding_length": _number(shape.width),
        "llama.block_count": _number(shape.layers),
        "llama.feed_forward_length": _number(shape.inner),
        "llama.attention.head_count": _number(shape.heads),
        "llama.attention.head_count_kv": _number(shape.heads),
        "llama.attention.layer_norm_rms_epsilon": _typed(_F32, struct.pack("<f", NORM_EPS)),
        "llama.rope.dimension_count": _number(shape.width // shape.heads),
        "llama.rope.freq_base": _typed(_F32, struct.pack("<f", ROPE_BASE)),
        "tokenizer.ggml.model": _typed(_STRING, _string("gpt2")),
        "tokenizer.ggml.pre": _typed(_STRING, _string("gpt-2")),
        "tokenizer.ggml.tokens": _list(_STRING, [_string(text) for text in tokens]),
        "tokenizer.ggml.token_type": _list(_I32, [struct.pack("<i", kind) for kind in kinds]),
        "tokenizer.ggml.merges": _list(_STRING, [_string(" ".join(m)) for m in tokenizer.merges]),
        "tokenizer.ggml.bos_token_id": _number(end),
        "tokenizer.ggml.eos_token_id": _number(end),
        "tokenizer.ggml.add_bos_token": _typed(_BOOL, b"\0"),
        "tokenizer.chat_template": _typed(_STRING, _string(CHAT_TEMPLATE)),
    }


def _gguf_tensors(model: Model) -> dict[str, Tensor]:
    heads = model.shape.heads
    found = {"token_embd.weight": model.embed.weight, "output_norm.weight": model.norm.weight}
    found["output.weight"] = model.head.weight
    for number, block in enumerate(model.blocks):
        found |= {
            f"blk.{number}.attn_norm.weight": block.attention_norm.weight,
            f"blk.{number}.attn_q.weight": _interleave(block.attention.q.weight, heads),
            f"blk.{number}.attn_k.weight": _interleave(block.attention.k.weight, heads),
            f"blk.{number}.attn_v.weight": block.attention.v.weight,
            f"blk.{number}.attn_output.weight": block.attention.out.weight,
            f"blk.{number}.ffn_norm.weight": block.feed_norm.weight,
            f"blk.{number}.ffn_gate.weight": block.gate.weight,
            f"blk.{number}.ffn_up.weight": block.up.weight,
            f"blk.{number}.ffn_down.weight": block.down.weight,
        }
    return found


def _hf_tensors(model: Model) -> dict[str, Tensor]:
    found = {"model.embed_tokens.weight": model.embed.weight}
    found |= {"model.norm.weight": model.norm.weight, "lm_head.weight": model.head.weight}
    for number, block in enumerate(model.blocks):
        layer = f"model.layers.{number}"
        found |= {
            f"{layer}.input_layernorm.weight": block.attention_norm.weight,
            f"{layer}.self_attn.q_proj.weight": block.attention.q.weight,
            f"{layer}.self_attn.k_proj.weight": block.attention.k.weight,
            f"{layer}.self_attn.v_proj.weight": block.attention.v.weight,
            f"{layer}.self_attn.o_proj.weight": block.attention.out.weight,
            f"{layer}.post_attention_layernorm.weight": block.feed_norm.weight,
            f"{layer}.mlp.gate_proj.weight": block.gate.weight,
            f"{layer}.mlp.up_proj.weight": block.up.weight,
            f"{layer}.mlp.down_proj.weight": block.down.weight,
        }
    return found


def _interleave(weight: Tensor, heads: int) -> Tensor:
    """From halves that turn together to neighbours that do, as llama.cpp pairs them."""
    rows, columns = weight.shape
    halves = weight.reshape(heads, 2, rows // heads // 2, columns)
    return halves.transpose(1, 2).reshape(rows, columns)


def _safetensors(tensors: Mapping[str, Tensor]) -> bytes:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for key, tensor in tensors.items():
        raw = _bytes(tensor)
        place = [len(data), len(data) + len(raw)]
        header[key] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": place}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def _bytes(tensor: Tensor) -> bytes:
    return bytes(tensor.detach().to(torch.float32).contiguous().numpy().tobytes())


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _typed(kind: int, value: bytes) -> bytes:
    return struct.pack("<I", kind) + value


def _number(value: int) -> bytes:
    return _typed(_U32, struct.pack("<I", value))


def _list(kind: int, values: Sequence[bytes]) -> bytes:
    return _typed(_ARRAY, struct.pack("<IQ", kind, len(values)) + b"".join(values))
