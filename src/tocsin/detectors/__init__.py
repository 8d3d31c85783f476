"""Detectors: one file each, found by its name; every one turns windows into an ONNX graph."""
