package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	file, _ := os.Open(os.Args[1])
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		headers := http.Header{}
		for n, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			if fields[n] != "-" {
				headers.Set(name, fields[n])
			}
		}
		body, _ := base64.StdEncoding.DecodeString(fields[5])
		now, _ := strconv.ParseInt(fields[4], 10, 64)
		fmt.Println(map[bool]string{true: "yes", false: "no"}[IsGenuine(headers, body, fields[3], time.Unix(now, 0))])
	}
}
