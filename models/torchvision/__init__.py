"""What the models of torchvision's checkpoints share: the reader of these files, residual layers, a graph by hand."""
