"""What the modules that send share: the environment's spelling, delivery to the edge hub, and the process around."""
