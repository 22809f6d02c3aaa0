"""The resource types of Azure Machine Learning, one file each family."""
