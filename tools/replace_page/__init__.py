"""Writes docs/replace.md: what each change replaces, in which order, and what is down meanwhile.

    python -m tools.replace_page            from the repository's root; tests/docs/test_replace.py compares

The program is run dry, once as committed (dev) and once for each of `variants`; `effects` judges the difference as the
engine would; `page` tells it.
"""
