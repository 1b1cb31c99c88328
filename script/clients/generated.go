// One call with the client that oapi-codegen generated into the package callboard.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"example.com/generated/callboard"
)

func main() {
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("KEY"))
		return nil
	}
	client, err := callboard.NewClientWithResponses(os.Getenv("CALLBOARD"), callboard.WithRequestEditorFn(authorize))
	if err != nil {
		panic(err)
	}
	event := callboard.EventInput{Type: "file.received", Payload: map[string]interface{}{"name": "a.mov"}}
	response, err := client.CreateEventWithResponse(context.Background(), nil, event)
	if err != nil {
		panic(err)
	}
	if response.JSON202 == nil {
		panic(string(response.Body))
	}
	fmt.Println(response.JSON202.Id)
}
