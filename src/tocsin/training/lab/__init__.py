"""The lab: trials of detectors on readings they have not seen, side by side, beside rules that cost nothing."""
