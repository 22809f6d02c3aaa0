"""The life of the process: environment and secrets, listening sockets, one worker, several under a supervisor."""
