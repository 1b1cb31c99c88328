<?php
require $argv[1];
foreach (file($argv[2], FILE_IGNORE_NEW_LINES) as $line) {
    $fields = explode("\t", $line);
    $headers = [];
    if (count($fields) === 2) {
        if ($fields[0] !== '-') {
            $headers['x-callboard-token'] = $fields[0];
        }
        $found = has_token($headers, $fields[1]);
    } elseif ($fields[0] === 'timestamped') {
        if ($fields[1] !== '-') {
            $headers['x-callboard-signature'] = $fields[1];
        }
        $found = is_genuine($headers, base64_decode($fields[4]), $fields[2], (int) $fields[3]);
    } elseif ($fields[0] === 'sha256') {
        if ($fields[1] !== '-') {
            $headers['x-hub-signature-256'] = $fields[1];
        }
        $found = is_genuine($headers, base64_decode($fields[3]), $fields[2]);
    } else {
        foreach (['webhook-id', 'webhook-timestamp', 'webhook-signature'] as $n => $name) {
            if ($fields[$n] !== '-') {
                $headers[$name] = $fields[$n];
            }
        }
        $body = base64_decode($fields[5]);
        $found = is_genuine($headers, $body, $fields[3], (int) $fields[4]);
    }
    echo $found ? "yes\n" : "no\n";
}
