"""What `dltutor doctor` asks of torch, in a process of its own: version, time to import it, devices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE = 120.0  # seconds for torch to be imported: on a network's disk it takes long


def examine(patience: float = PATIENCE) -> dict[str, Any]:
    """`version`, `seconds`, `threads` and `devices`; or else `missing`, `error`, `ended` or `slow`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-P", "-m", "engine.examine"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace",
            env=environment, cwd=Path(__file__).parent, timeout=patience, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"slow": patience}
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        words = done.stderr.strip().splitlines()
        return {"error": words[-1]} if words else {"ended": done.returncode}


def main() -> None:
    """Import torch, and print what there is to say as one JSON object."""
    print(json.dumps(_look()), flush=True)


def _look() -> dict[str, Any]:
    began = time.perf_counter()
    try:
        import torch
    except ModuleNotFoundError as error:
        return {"missing": True} if error.name == "torch" else {"error": str(error)}
    except Exception as error:  # a broken install fails in many ways
        return {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
    seconds = time.perf_counter() - began
    devices = []
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        free, total = torch.cuda.mem_get_info(number)
        name = torch.cuda.get_device_name(number)
        devices.append({"device": f"cuda:{number}", "name": name, "free": free, "total": total})
    return {"version": str(torch.__version__), "seconds": seconds, "threads": torch.get_num_threads(),
            "devices": devices}  # fmt: skip


if __name__ == "__main__":
    main()
