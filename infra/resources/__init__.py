"""Typed resource classes of `mledge`, the provider of this project (other side: `infra.provider`); one file a type."""
