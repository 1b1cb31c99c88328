// Receive callbacks with Go; the standard library alone.
//
//	CALLBOARD_SECRET=whsec_... go run .
package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	tolerance = 5 * time.Minute
	maxBody   = 2 << 20
)

type callback struct {
	id   string
	body []byte
}

func main() {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("CALLBOARD_SECRET"), "whsec_"))
	if err != nil || len(key) == 0 {
		log.Fatal("CALLBOARD_SECRET is not whsec_ and base64")
	}
	// In production a table with the id as its primary key: INSERT ... ON CONFLICT DO NOTHING, and
	// a worker that reads it. This map and this queue are lost with the process.
	var seen sync.Map
	queue := make(chan callback, 1000)
	go func() {
		for each := range queue {
			handle(each)
		}
	}()
	http.HandleFunc("POST /hook", func(w http.ResponseWriter, r *http.Request) {
		// The raw bytes: a body that was parsed and serialized again has another signature.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil || !isGenuine(r.Header, body, key, time.Now()) {
			http.Error(w, "the signature is missing or wrong", http.StatusUnauthorized)
			return
		}
		id := r.Header.Get("webhook-id")
		if _, isRepeat := seen.LoadOrStore(id, true); !isRepeat {
			queue <- callback{id, body}
		}
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+cmp.Or(os.Getenv("PORT"), "9000"), nil))
}

func handle(each callback) {
	var event struct{ Type string }
	if err := json.Unmarshal(each.body, &event); err != nil {
		log.Print(err)
		return
	}
	fmt.Println("handled", each.id, event.Type)
}

func isGenuine(headers http.Header, body, key []byte, now time.Time) bool {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseUint(timestamp, 10, 48)
	if err != nil || now.Sub(time.Unix(int64(seconds), 0)).Abs() > tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	// While a secret is rotated there are two signatures, separated by a space.
	for _, candidate := range strings.Fields(headers.Get("webhook-signature")) {
		if hmac.Equal([]byte(candidate), expected) {
			return true
		}
	}
	return false
}
