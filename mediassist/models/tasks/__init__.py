"""Task kinds: each owns its pre- and post-processing and the step from score to probability."""
