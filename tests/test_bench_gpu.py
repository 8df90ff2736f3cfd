"""The benchmark for GPUs works on the device that it is given, and says which one that is."""

from __future__ import annotations

import json

import pytest
import torch

from tests.bench import gpu

DEVICES = ["cpu", pytest.param("cuda:0", marks=pytest.mark.cuda)]


@pytest.mark.parametrize("device", DEVICES)
def test_each_line_has_both_and_the_name_of_the_card(device: str) -> None:
    if device != "cpu" and not torch.cuda.is_available():
        pytest.skip("this machine has no CUDA device")
    lines = [json.loads(line.as_json("gpu")) for line in gpu.on(device, {"2-8-1": (8,)}, 1, 0.05, 16)]
    assert [line["what"] for line in lines] == ["2-8-1, SGD", "2-8-1, Adam", "frames of an iteration by phase"]
    name = "cpu" if device == "cpu" else torch.cuda.get_device_name(0)
    assert all(line["card"] == name and line["ours"]["low"] > 0 and line["rival"]["low"] > 0 for line in lines)


def test_without_a_gpu_nothing_is_measured_and_a_word_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert list(gpu.gpu(quick=True)) == []
    assert "no CUDA device" in capsys.readouterr().err
