package main

import (
	"crypto/subtle"
	"net/http"
)

// HasToken takes a request's headers and the webhook's secret token.
func HasToken(headers http.Header, token string) bool {
	given := headers.Get("x-callboard-token")
	return subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
}
