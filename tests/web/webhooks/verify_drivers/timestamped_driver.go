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
		if fields[1] != "-" {
			headers.Set("x-callboard-signature", fields[1])
		}
		now, _ := strconv.ParseInt(fields[3], 10, 64)
		body, _ := base64.StdEncoding.DecodeString(fields[4])
		fmt.Println(map[bool]string{true: "yes", false: "no"}[IsGenuine(headers, body, fields[2], time.Unix(now, 0))])
	}
}
