"""What the provider does on this machine: it trains, and finds again what was trained."""
