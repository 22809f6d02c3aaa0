"""Who is on this device, and how they prove it."""
