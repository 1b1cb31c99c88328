"""A live streaming service that reports when a channel starts, breaks off and ends."""
