"""Azure Machine Learning as its clients see it."""
