"""TensorFlow.js graph models, imported to ONNX: `importer.import_graph_model`."""
