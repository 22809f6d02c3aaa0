"""One folder per model: data, model, training, and the entry script that serves it."""
