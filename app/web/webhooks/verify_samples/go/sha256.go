// Go 1.19 or later; the standard library alone.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// IsGenuine takes a request's headers, its raw body and the secret (whsec_...).
// No time is signed: a copy of a request stays valid.
func IsGenuine(headers http.Header, body []byte, secret string) bool {
	// The key is the whole text of the secret, with whsec_.
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	expected := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(headers.Get("x-hub-signature-256")), []byte(expected))
}
