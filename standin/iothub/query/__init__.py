"""The expression language of twin queries and target conditions."""
