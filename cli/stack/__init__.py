"""A stack as the command line sees it: its file, its environment, and what it has made."""
