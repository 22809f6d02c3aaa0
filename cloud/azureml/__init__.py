"""Azure Machine Learning as its clients see it, without its SDK, which takes a second to import."""
