"""Models that find objects in pictures: where they come from (`registry`), how one is opened (`opening`)."""
