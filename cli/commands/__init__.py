"""One file a command: its words, its options, and what runs. What several commands share is beside this folder."""
