// Go 1.19 or later; the standard library alone.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const tolerance = 300 * time.Second

// IsGenuine takes a request's headers, its raw body, the secret (whsec_...) and the time.
func IsGenuine(headers http.Header, body []byte, secret string, now time.Time) bool {
	var timestamp string
	var signatures []string
	for _, part := range strings.Split(headers.Get("x-callboard-signature"), ",") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "t":
			timestamp = value
		case "v1":
			signatures = append(signatures, value)
		}
	}
	seconds, err := strconv.ParseUint(timestamp, 10, 48)
	if err != nil || now.Sub(time.Unix(int64(seconds), 0)).Abs() > tolerance {
		return false
	}
	// The key is the whole text of the secret, with whsec_.
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	expected := []byte(hex.EncodeToString(mac.Sum(nil)))
	// While a secret is being rotated there are two v1=.
	for _, candidate := range signatures {
		if hmac.Equal([]byte(candidate), expected) {
			return true
		}
	}
	return false
}
