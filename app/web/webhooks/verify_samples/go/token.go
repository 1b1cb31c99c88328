package main

import (
	"crypto/subtle"
	"net/http"
)

// HasToken takes a request's headers and the webhook's secret token.
func HasToken(headers http.Header, token string) bool {
	received := headers.Get("x-callboard-token")
	return subtle.ConstantTimeCompare([]byte(received), []byte(token)) == 1
}
