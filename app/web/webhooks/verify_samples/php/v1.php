<?php
// PHP 7.1 or later; nothing to install.

const TOLERANCE_SECONDS = 300;

// $headers: by their names in lower case, as array_change_key_case(getallheaders()) gives them.
// $body: the raw bytes, file_get_contents('php://input'). $secret: whsec_...
function is_genuine(array $headers, string $body, string $secret, ?int $now = null): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    $signatures = $headers['webhook-signature'] ?? '';

    if (!preg_match('/^[0-9]{1,15}$/D', $timestamp)) {
        return false;
    }
    if (abs(($now ?? time()) - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }

    $key = base64_decode(substr($secret, strlen('whsec_')));
    $digest = hash_hmac('sha256', "$id.$timestamp.$body", $key, true);
    $expected = 'v1,' . base64_encode($digest);
    // While a secret is being rotated there are two signatures, separated by a space.
    $matches = false;
    foreach (explode(' ', $signatures) as $candidate) {
        $matches = hash_equals($expected, $candidate) || $matches;
    }
    return $matches;
}
