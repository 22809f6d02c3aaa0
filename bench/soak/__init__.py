"""Half an hour of steady load, and thousands of broken requests: no wrong answer, no crash, memory flat."""
