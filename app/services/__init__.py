"""Use cases. Each public function owns one transaction; none knows HTTP."""
