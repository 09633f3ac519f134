"""MobileNetV2 with the names of torchvision's state dict and TensorFlow's SAME padding.

The names let ImageNet weights load by key. The padding matters: the weights were trained with
rows and columns padded at the bottom and right only for stride 2; symmetric padding would shift
every map by half a stride.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

# (expansion, channels, blocks, first stride), Sandler et al. 2018, table 2.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
# Position in `features` after which a map of that stride is complete, with its channels.
TAPS = {2: (1, 16), 4: (3, 24), 8: (6, 32), 16: (13, 96), 32: (18, 1280)}


class SameConv(nn.Conv2d):
    """A 3x3 convolution padded as TensorFlow pads an even size; 1x1 needs no padding."""

    def forward(self, x: Tensor) -> Tensor:
        if self.kernel_size[0] == 3:
            x = functional.pad(x, (0, 1, 0, 1) if self.stride[0] == 2 else (1, 1, 1, 1))
        return super().forward(x)


def _conv_norm(
    inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    return [
        SameConv(inputs, outputs, size, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3),
    ]


def _conv_norm_act(
    inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(*_conv_norm(inputs, outputs, size, stride, groups), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; add the input where shapes agree."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers.append(_conv_norm_act(inputs, hidden, 1))
        layers.append(_conv_norm_act(hidden, hidden, 3, stride, groups=hidden))
        layers.extend(_conv_norm(hidden, outputs, 1))
        self.conv = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return x + y if self.residual else y


class MobileNetEncoder(nn.Module):
    """MobileNetV2, width 1.0, without its classifier.

    Input (N, 3, H, W) in -1..1; `maps` gives the maps of every stride in `TAPS`, calling the
    encoder only those of stride 8 (32 channels), 16 (96) and 32 (1280).
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_conv_norm_act(3, 32, 3, 2)]
        channels = 32
        for expansion, outputs, blocks, stride in STAGES:
            for block in range(blocks):
                layers.append(
                    InvertedResidual(channels, outputs, stride if block == 0 else 1, expansion)
                )
                channels = outputs
        layers.append(_conv_norm_act(channels, 1280, 1))
        self.features = nn.Sequential(*layers)

    def maps(self, x: Tensor) -> dict[int, Tensor]:
        found = {}
        strides = {position: stride for stride, (position, _) in TAPS.items()}
        for position, layer in enumerate(self.features):
            x = layer(x)
            if position in strides:
                found[strides[position]] = x
        return found

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = self.maps(x)
        return maps[8], maps[16], maps[32]

    def load_imagenet(self, path: Path) -> None:
        """Load 8-bit ImageNet weights: `NAME.weight_int8` times `NAME.weight_scale` per output."""
        with np.load(path, allow_pickle=False) as archive:
            state: dict[str, Tensor] = {}
            for key in archive.files:
                if key.endswith(".weight_int8"):
                    name = key.removesuffix("_int8")
                    scale = archive[f"{name}_scale"].astype(np.float32)
                    whole = archive[key].astype(np.float32)
                    array = whole * scale.reshape(-1, *([1] * (whole.ndim - 1)))
                elif key.endswith(".weight_scale"):
                    continue
                else:
                    name, array = key, archive[key]
                if name.startswith("features."):
                    state[name] = torch.from_numpy(np.array(array))
        missing, unexpected = self.load_state_dict(state, strict=False)
        missing = [name for name in missing if not name.endswith("num_batches_tracked")]
        if missing or unexpected:
            raise ValueError(f"{path.name}: missing {missing[:3]}, unexpected {unexpected[:3]}")
