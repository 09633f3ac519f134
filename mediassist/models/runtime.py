"""One small protocol between preprocessing and post-processing: an array in, arrays out.

On a CPU OpenVINO runs the graph that is made once from the safetensors weights and kept in the
data folder under the weights' hash; with a GPU, torch runs the network itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import BundleDamaged, OutputNotWritable
from mediassist.core.messages import say
from mediassist.models.bundle import INFERENCE, WEIGHTS, file_sha256

if TYPE_CHECKING:
    import torch

Batch = NDArray[np.float32]


class Runtime(Protocol):
    """`predict` takes (N, C, H, W) float32 and gives the network's outputs in their order."""

    name: str

    def predict(self, batch: Batch) -> tuple[Batch, ...]: ...


class TorchRuntime:
    """The network as trained, on the GPU where there is one; also the yardstick in tests."""

    def __init__(self, folder: Path) -> None:
        import torch

        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network = load_network(folder).to(self._device)
        self.name = f"torch {torch.__version__} {self._device.type}"

    def predict(self, batch: Batch) -> tuple[Batch, ...]:
        import torch

        with torch.inference_mode():
            outputs = self._network(torch.from_numpy(batch).to(self._device))
        return tuple(output.float().cpu().numpy() for output in outputs)


class OpenVinoRuntime:
    """The network as an OpenVINO graph on the CPU, float32; compiled at the first batch."""

    def __init__(self, folder: Path, graphs_dir: Path) -> None:
        openvino = _openvino()
        self._folder = folder
        self._path = graphs_dir / f"{_graph_key(folder, openvino.__version__)}.xml"
        self._compiled: Any = None
        self.name = f"openvino {openvino.__version__.split('-')[0]} cpu"

    def predict(self, batch: Batch) -> tuple[Batch, ...]:
        if self._compiled is None:
            self._compiled = self._compile(batch.shape[1:])
        result = self._compiled(batch)
        return tuple(np.array(result[index]) for index in range(len(self._compiled.outputs)))

    def _compile(self, shape: tuple[int, ...]) -> Any:
        core = _openvino().Core()
        if not self._path.is_file():
            _make_graph(self._folder, shape, self._path)
        # Read even when just made: the graph in memory rounds differently from the one on disk.
        model = core.read_model(self._path)
        hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        return core.compile_model(model, "CPU", hints)


def make_runtime(folder: Path, graphs_dir: Path) -> Runtime:
    """The fastest runtime of this machine for the bundle in `folder`."""
    return TorchRuntime(folder) if _has_gpu() else OpenVinoRuntime(folder, graphs_dir)


def load_network(folder: Path) -> torch.nn.Module:
    """Network of a bundle in evaluation mode, float32, weights from safetensors (never pickle)."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from mediassist.models.networks import build_network

    try:
        network = build_network(inference_config(folder)["network"])
        weights = {name: value.float() for name, value in load_file(folder / WEIGHTS).items()}
        network.load_state_dict(weights)
    except (SafetensorError, RuntimeError, KeyError, TypeError) as error:
        raise BundleDamaged(
            say(
                "bundle_weights_unfit",
                "{path}: the weights do not fit the network: {reason}.",
                path=str(folder / WEIGHTS),
                reason=str(error).splitlines()[0],
            )
        ) from None
    return network.eval()


def inference_config(folder: Path) -> dict[str, Any]:
    """configs/inference.json of a bundle whose hashes were verified."""
    config: dict[str, Any] = json.loads((folder / INFERENCE).read_text(encoding="utf-8"))
    return config


def _openvino() -> Any:
    """OpenVINO without its usage statistics.

    Its converter would send them over the network. A blocked import makes it fall back on the
    stub that it carries for this case.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def _has_gpu() -> bool:
    # torch takes seconds to import: a machine without the driver need not pay for the question.
    if not any(Path(path).exists() for path in ("/dev/nvidiactl", "/dev/kfd")) and os.name != "nt":
        return False
    import torch

    return torch.cuda.is_available()


def _graph_key(folder: Path, openvino_version: str) -> str:
    """A graph is made from weights, network config and converter: another of these, another key."""
    parts = (file_sha256(folder / WEIGHTS), file_sha256(folder / INFERENCE), openvino_version)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _make_graph(folder: Path, shape: tuple[int, ...], path: Path) -> None:
    """Convert the network and keep the graph under `path`; raises `OutputNotWritable`."""
    import torch

    openvino = _openvino()
    with warnings.catch_warnings():
        # OpenVINO traces the network in a way that torch calls deprecated; no user can mend that.
        warnings.simplefilter("ignore")
        model = openvino.convert_model(load_network(folder), example_input=torch.zeros(1, *shape))
    model.reshape({0: [-1, *shape]})
    temporary = path.with_name(f"{path.stem}.{os.getpid()}.xml")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        openvino.save_model(model, temporary, compress_to_fp16=False)
        # A graph is opened through its .xml, so its weights (.bin) have to be in place first.
        os.replace(temporary.with_suffix(".bin"), path.with_suffix(".bin"))
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:
        raise OutputNotWritable(
            say(
                "graph_not_written",
                "{path}: the runtime graph of a model cannot be kept there: {reason}.",
                path=str(path.parent),
                reason=str(error).splitlines()[0],
            )
        ) from None
