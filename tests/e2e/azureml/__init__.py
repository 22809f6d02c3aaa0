"""Models that train on a cluster of Azure ML, on a local stack (make test-azureml)."""
