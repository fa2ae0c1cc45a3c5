"""How a stage runs: what Prefect has to know of it. What is true of it stands in tracksync.stages."""
