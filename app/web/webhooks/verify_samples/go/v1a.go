// Go 1.19 or later; the standard library alone.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const tolerance = 300 * time.Second

// IsGenuine takes a request's headers, its raw body, the public key (whpk_...) and the time.
func IsGenuine(headers http.Header, body []byte, publicKey string, now time.Time) bool {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseUint(timestamp, 10, 48)
	if err != nil || now.Sub(time.Unix(int64(seconds), 0)).Abs() > tolerance {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(publicKey, "whpk_"))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	signed := append([]byte(id+"."+timestamp+"."), body...)
	// While a key is being rotated there are two signatures, separated by a space.
	for _, candidate := range strings.Fields(headers.Get("webhook-signature")) {
		version, text, _ := strings.Cut(candidate, ",")
		signature, err := base64.StdEncoding.DecodeString(text)
		if err == nil && version == "v1a" && ed25519.Verify(key, signed, signature) {
			return true
		}
	}
	return false
}
