"""One loaded model in service: where and when its `run` is called, its golden examples, whether it is ready."""
