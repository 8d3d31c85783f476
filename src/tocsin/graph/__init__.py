"""ONNX graphs: the small builders detectors compose them from, and the one runner that executes them."""
