"""The parts of an environment, each a frozen `XArgs` and its component `X`; `infra.program` puts them together."""
