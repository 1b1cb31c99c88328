package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	file, _ := os.Open(os.Args[1])
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		headers := http.Header{}
		if fields[1] != "-" {
			headers.Set("x-hub-signature-256", fields[1])
		}
		body, _ := base64.StdEncoding.DecodeString(fields[3])
		fmt.Println(map[bool]string{true: "yes", false: "no"}[IsGenuine(headers, body, fields[2])])
	}
}
