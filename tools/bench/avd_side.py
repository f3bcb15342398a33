"""pyavd's side of a bench, run by the rivals' own Python: inputs in, device models out.

What a caller of the library does, step by step: check the inputs of every device, derive the
facts of the fabric, derive the structured configuration of every device. No text is rendered.
With ``--inner``, prints the seconds that took, imports left out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pyavd  # type: ignore[import-not-found]  # lives in the rivals' environment only


def main() -> None:
    """``avd_side.py INPUTS OUTPUT [--inner]``."""
    begun = time.perf_counter()
    inputs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for name, variables in inputs.items():
        checked = pyavd.validate_inputs(variables)
        if checked.validated_data is None:
            sys.exit(f"{name}: {checked.validation_result.violations[:1]}")
    facts = pyavd.get_avd_facts(inputs)
    made = {
        name: pyavd.get_device_structured_config(name, variables, facts)
        for name, variables in inputs.items()
    }
    plain = {name: _plain(model) for name, model in made.items()}
    Path(sys.argv[2]).write_text(json.dumps(plain), encoding="utf-8")
    if "--inner" in sys.argv:
        sys.stdout.write(f"{time.perf_counter() - begun}\n")


def _plain(model: object) -> object:
    """Older versions give plain values, newer ones an object that turns into them."""
    as_dict = getattr(model, "_as_dict", None)
    return as_dict() if as_dict else model


if __name__ == "__main__":
    main()
