"""Eagle, the media library, through its local HTTP API. Each module says one thing of it; start with `imports`."""
