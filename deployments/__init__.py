"""How tracksync is operated: the engine behind the command line, its server, the bootstrap."""
