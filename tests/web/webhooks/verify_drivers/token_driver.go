package main

import (
	"bufio"
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
		if fields[0] != "-" {
			headers.Set("X-Callboard-Token", fields[0])
		}
		fmt.Println(map[bool]string{true: "yes", false: "no"}[HasToken(headers, fields[1])])
	}
}
