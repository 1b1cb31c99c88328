"""A live streaming service that tells when a channel begins, breaks off and ends."""
