"""The one message catalogue, worded in English and Chinese."""
