// A Varlink client on github.com/varlink/go: calls METHOD at ADDRESS with the parameters from stdin and prints the reply
// as one JSON object with "parameters" and, for an error reply, "error". Exits with 1 if there was no reply.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/varlink/go/varlink"
)

const callTimeout = 60 * time.Second

type reply struct {
	Error      string      `json:"error,omitempty"`
	Parameters interface{} `json:"parameters"`
}

type serviceInfo struct {
	Vendor     string   `json:"vendor"`
	Product    string   `json:"product"`
	Version    string   `json:"version"`
	URL        string   `json:"url"`
	Interfaces []string `json:"interfaces"`
}

// The calls for which the library has functions of its own go through these.
func call(ctx context.Context, connection *varlink.Connection, method string, parameters []byte) (interface{}, error) {
	switch method {
	case "org.varlink.service.GetInfo":
		var info serviceInfo
		err := connection.GetInfo(ctx, &info.Vendor, &info.Product, &info.Version, &info.URL, &info.Interfaces)
		return info, err
	case "org.varlink.service.GetInterfaceDescription":
		var wanted struct {
			Interface string `json:"interface"`
		}
		if err := json.Unmarshal(parameters, &wanted); err != nil {
			return nil, err
		}
		description, err := connection.GetInterfaceDescription(ctx, wanted.Interface)
		return map[string]string{"description": description}, err
	}
	var out map[string]interface{}
	err := connection.Call(ctx, method, json.RawMessage(parameters), &out)
	return out, err
}

// The library's error types, back as a reply. The standard errors come as types of their own.
func errorReply(err error) (reply, bool) {
	var interfaceNotFound *varlink.InterfaceNotFound
	var methodNotFound *varlink.MethodNotFound
	var invalidParameter *varlink.InvalidParameter
	var other *varlink.Error
	switch {
	case errors.As(err, &interfaceNotFound):
		return reply{err.Error(), interfaceNotFound}, true
	case errors.As(err, &methodNotFound):
		return reply{err.Error(), methodNotFound}, true
	case errors.As(err, &invalidParameter):
		return reply{err.Error(), invalidParameter}, true
	case errors.As(err, &other):
		return reply{other.Name, other.Parameters}, true
	}
	return reply{}, false
}

func run(address, method string) error {
	parameters, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	connection, err := varlink.NewConnection(ctx, address)
	if err != nil {
		return err
	}
	defer connection.Close()
	var answer reply
	if answer.Parameters, err = call(ctx, connection, method, parameters); err != nil {
		var replied bool
		if answer, replied = errorReply(err); !replied {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: client ADDRESS METHOD <PARAMETERS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
