<?php
// PHP 7.1 or later; nothing to install.

// $headers: by their names in lower case, as array_change_key_case(getallheaders()) gives them.
// $body: the raw bytes, file_get_contents('php://input'). $secret: whsec_...
// No time is signed: a copy of a request stays valid.
function is_genuine(array $headers, string $body, string $secret): bool
{
    // The key is the whole text of the secret, with whsec_.
    $expected = 'sha256=' . hash_hmac('sha256', $body, $secret);
    return hash_equals($expected, $headers['x-hub-signature-256'] ?? '');
}
