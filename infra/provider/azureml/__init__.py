"""Training on a cluster of an Azure ML workspace: a job is sent, or the one that is there is taken up, and followed."""
