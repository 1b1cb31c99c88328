<?php
// PHP 7.2 or later with its sodium extension, which comes with it.

const TOLERANCE_SECONDS = 300;

// $headers: by their names in lower case, as array_change_key_case(getallheaders()) gives them.
// $body: the raw bytes, file_get_contents('php://input'). $public_key: whpk_...
function is_genuine(array $headers, string $body, string $public_key, ?int $now = null): bool
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

    $key = base64_decode(substr($public_key, strlen('whpk_')));
    $signed = "$id.$timestamp.$body";
    // While a key is being rotated there are two signatures, separated by a space.
    foreach (explode(' ', $signatures) as $candidate) {
        [$version, $text] = explode(',', $candidate, 2) + ['', ''];
        $signature = base64_decode($text, true);
        if ($version !== 'v1a' || $signature === false || strlen($signature) !== 64) {
            continue;
        }
        if (sodium_crypto_sign_verify_detached($signature, $signed, $key)) {
            return true;
        }
    }
    return false;
}
