"""What `edgeway model new` writes: templates of a model to train, and the folder of a ready model from its file."""
