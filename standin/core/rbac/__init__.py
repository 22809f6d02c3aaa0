"""Azure RBAC without HTTP: what roles permit, and the conditions under which assignments do."""
