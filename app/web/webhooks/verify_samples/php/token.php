<?php
// $headers: by their names in lower case. $token: the webhook's secret token.
function has_token(array $headers, string $token): bool
{
    return hash_equals($token, $headers['x-callboard-token'] ?? '');
}
