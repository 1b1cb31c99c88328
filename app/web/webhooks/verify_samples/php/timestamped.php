<?php
// PHP 7.1 or later; nothing to install.

const TOLERANCE_SECONDS = 300;

// $headers: by their names in lower case, as array_change_key_case(getallheaders()) gives them.
// $body: the raw bytes, file_get_contents('php://input'). $secret: whsec_...
function is_genuine(array $headers, string $body, string $secret, ?int $now = null): bool
{
    $timestamp = '';
    $signatures = [];
    foreach (explode(',', $headers['x-callboard-signature'] ?? '') as $part) {
        if (strpos($part, 't=') === 0) {
            $timestamp = substr($part, strlen('t='));
        } else {
            $signatures[] = $part;
        }
    }

    if (!preg_match('/^[0-9]{1,15}$/D', $timestamp)) {
        return false;
    }
    if (abs(($now ?? time()) - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }

    // The key is the whole text of the secret, with whsec_.
    $expected = 'v1=' . hash_hmac('sha256', "$timestamp.$body", $secret);
    // While a secret is being rotated there are two v1=.
    $matches = false;
    foreach ($signatures as $candidate) {
        $matches = hash_equals($expected, $candidate) || $matches;
    }
    return $matches;
}
