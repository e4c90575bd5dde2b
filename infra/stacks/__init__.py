"""One module per stack. Stacks know each other's resources by name (`infra.names`): an export would lock an upgrade."""
