"""The targets: one file each, found by its name; ``onnx_int8`` is written ``onnx-int8`` on the command line."""
