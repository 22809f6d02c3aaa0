"""Scripts behind the words of the Makefile; those in Python are modules, so that tests and checks can import them."""
