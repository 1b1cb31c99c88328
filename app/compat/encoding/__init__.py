"""An encoding service that reports each step from the file's arrival to its last quality."""
