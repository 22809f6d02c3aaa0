"""management.azure.com over the generic store: who may, paths to resources, lists, actions and operations."""
