// Call any method of the Go module github.com/svix/svix-webhooks, as its caller says; see
// script/svix_packages/caller.py.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	svix "github.com/svix/svix-webhooks/go"
)

type request struct {
	Method  string
	Args    []json.RawMessage
	Options json.RawMessage
}

var capital = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func snake(name string) string {
	return strings.ToLower(capital.ReplaceAllString(name, "${1}_${2}"))
}

func isOptions(kind reflect.Type) bool {
	return kind.Kind() == reflect.Pointer && strings.HasSuffix(kind.Elem().Name(), "Options")
}

// collect finds the methods of a part of the client, whose first argument is a context, and those
// of its own parts.
func collect(target reflect.Value, path string, methods map[string]reflect.Value) {
	for i := range target.NumMethod() {
		method := target.Method(i)
		if method.Type().NumIn() > 0 && method.Type().In(0).String() == "context.Context" {
			methods[path+snake(target.Type().Method(i).Name)] = method
		}
	}
	part := target.Elem()
	for i := range part.NumField() {
		field := part.Field(i)
		if part.Type().Field(i).IsExported() && field.Kind() == reflect.Pointer {
			collect(field, path+snake(part.Type().Field(i).Name)+".", methods)
		}
	}
}

func kinds(method reflect.Value) []string {
	names := []string{}
	for i := 1; i < method.Type().NumIn(); i++ {
		kind := method.Type().In(i)
		if kind.Kind() == reflect.String {
			names = append(names, "text")
		} else if !isOptions(kind) {
			names = append(names, kind.Name())
		}
	}
	return names
}

func call(method reflect.Value, asked request) any {
	values := []reflect.Value{reflect.ValueOf(context.Background())}
	for i := 1; i < method.Type().NumIn(); i++ {
		kind := method.Type().In(i)
		value := reflect.New(kind)
		text := asked.Options
		if !isOptions(kind) {
			text = asked.Args[i-1]
		}
		if err := json.Unmarshal(text, value.Interface()); err != nil {
			return map[string]any{"failed": err.Error()}
		}
		values = append(values, value.Elem())
	}
	results := method.Call(values)
	if err, _ := results[len(results)-1].Interface().(error); err != nil {
		return failure(err)
	}
	if len(results) == 1 {
		return map[string]any{"result": nil}
	}
	return map[string]any{"result": results[0].Interface()}
}

func failure(err error) any {
	var value svix.Error
	var pointer *svix.Error
	if errors.As(err, &pointer) {
		value = *pointer
	} else if !errors.As(err, &value) {
		return map[string]any{"failed": err.Error()}
	}
	var body struct{ Code string }
	// A refused field has no code.
	_ = json.Unmarshal(value.Body(), &body)
	return map[string]any{"status": value.Status(), "code": body.Code}
}

func main() {
	server, err := url.Parse(os.Getenv("CALLBOARD"))
	if err != nil {
		panic(err)
	}
	client, err := svix.New(os.Getenv("KEY"), &svix.SvixOptions{
		ServerUrl: server, RetrySchedule: &[]time.Duration{},
	})
	if err != nil {
		panic(err)
	}
	methods := map[string]reflect.Value{}
	collect(reflect.ValueOf(client), "", methods)
	arguments := map[string][]string{}
	for name, method := range methods {
		arguments[name] = kinds(method)
	}
	reply := json.NewEncoder(os.Stdout)
	if err := reply.Encode(map[string]any{"version": svix.Version, "methods": arguments}); err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := reply.Encode(call(methods[asked.Method], asked)); err != nil {
			fmt.Fprintln(os.Stderr, asked.Method, err)
			os.Exit(1)
		}
	}
}
