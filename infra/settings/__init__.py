"""The stack's configuration: a typed `tree`, read from the engine's text (`load`) and checked as a whole (`checks`)."""
