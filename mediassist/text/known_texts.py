"""Sentences that arrive as plain text and are known all the same, so that they can be worded.

A bundle's metadata say in English what its thresholds were measured on, and decoders say in
English why they gave up. Where such a text fits one of these patterns it is worded in the reader's
language, with the numbers that stood in it; any other text is quoted as it is.
"""

from __future__ import annotations

import re
import string
from functools import cache

from mediassist.core.messages import Message, say

# Names of message values that hold such a text.
REASONS = frozenset({"reason", "why"})

KNOWN: tuple[Message, ...] = (
    # Operating points, as trainings write them into metadata.json
    say(
        "known_thresholds",
        "Thresholds fixed on the calib split: {positive} positive and {negative} negative"
        " patients, at most {share} % of negatives flagged (marginal bound); rates measured on the"
        " test split.",
    ),
    say(
        "known_thresholds_fold",
        "Thresholds fixed on the calib split and a fold of train that taught nothing: {positive}"
        " positive and {negative} negative patients, at most {share} % of negatives flagged"
        " (marginal bound); rates measured on the test split.",
    ),
    say(
        "known_thresholds_unlabelled",
        "Thresholds fixed on the train and calib splits (no label taught the network): {positive}"
        " positive and {negative} negative patients, at most {share} % of negatives flagged"
        " (marginal bound); rates measured on the test split.",
    ),
    say(
        "known_thresholds_read",
        "Thresholds fixed on the calib split, films that a person read: {positive} positive and"
        " {negative} negative patients, at most {share} % of negatives flagged (marginal bound);"
        " rates measured on the test split, all films.",
    ),
    # Why a decoder gave up (mediassist.dicom)
    say("known_fragment_cut", "a fragment of compressed pixels is cut off"),
    say("known_fragment_start", "an item of compressed pixels does not begin where it should"),
    say("known_no_fragments", "there are no compressed pixels"),
    say("known_frames_apart", "{declared} frames are declared, {found} can be told apart"),
    say("known_no_decoder", "no decoder takes this stream"),
    say(
        "known_stream_size",
        "the stream is {found} pixels, the header says {declared}",
    ),
    say("known_picture_shape", "the decoded picture is {found}, the header says {declared}"),
    say("known_frame_short", "the frame is too short"),
    say("known_frame_bytes", "the frame has {found} bytes and needs {needed}"),
    say("known_rle_cut", "the RLE header is cut off"),
    say("known_rle_count", "{found} RLE segments, {expected} expected"),
    say("known_rle_outside", "RLE segments lie outside the frame"),
    say("known_rle_short", "RLE segment {number} is too short"),
    say("known_stream_cut", "the compressed stream is cut off"),
    say("known_colour_space", "the colour space {name} cannot be shown"),
    # The operating system
    say("known_permission", "Permission denied"),
    say("known_no_file", "No such file or directory"),
    say("known_no_space", "No space left on device"),
    say("known_read_only", "Read-only file system"),
    say("known_not_folder", "Not a directory"),
    say("known_is_folder", "Is a directory"),
)


def known_message(text: str) -> Message | None:
    """The message that says this text, or None where nobody knows it."""
    for message in KNOWN:
        found = _pattern(message.template).fullmatch(text)
        if found is not None:
            return Message(message.code, message.template, tuple(found.groupdict().items()))
    return None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(re.escape(literal))
        if name is not None:
            parts.append(f"(?P<{name}>.+?)")
    return re.compile("".join(parts))
