"""Who is on this device (`identities`), and how they prove it (`tokens`)."""
