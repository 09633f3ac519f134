"""Making bundles from the picture sets: `train(bundle_id, data, out)`."""

from mediassist.models.training.recipes import TRAINABLE, train

__all__ = ["TRAINABLE", "train"]
