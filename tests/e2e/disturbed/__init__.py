"""Of a stack that was disturbed: the processes to disturb, and what is there afterwards."""
