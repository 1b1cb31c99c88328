"""An encoding service that tells of each step from the file's arrival to its last quality."""
