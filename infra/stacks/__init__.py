"""One module per stack. Stacks know each other's resources by name (`infra.names`), so that no export locks an upgrade."""
