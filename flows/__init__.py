"""What can be run. Each flow reads as the story of a run."""
