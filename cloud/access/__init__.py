"""Who may do what in Azure: its roles, and what an `up` needs of them."""
