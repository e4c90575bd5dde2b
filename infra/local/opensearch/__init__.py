"""A real OpenSearch node on this machine, put together of what Maven Central has. Needs Java 17 and Maven."""
