"""Azure as a client sees it: what the provider and the command line ask of it. Knows nothing else of this project.

Lowest first: `errors`, `operation`, `sign_in`; `retrying`; the services `arm` and `iot_hub`; `purge`. Pure: `arrival`.
"""
