"""One module per stack. Stacks know each other by name (`infra.names`), so no export can lock an upgrade."""
