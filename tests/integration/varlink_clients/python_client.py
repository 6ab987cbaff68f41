"""A Varlink client on python-varlink: calls METHOD at ADDRESS with the parameters from stdin and prints the reply as
one JSON object with "parameters" and, for an error reply, "error". What it calls are the methods that the library makes
of the daemon's own description.
"""

import json
import sys

import varlink


def call(client, method, parameters):
    interface_name, _, name = method.rpartition(".")
    if method == "org.varlink.service.GetInfo":
        client.get_interfaces()
        return client.info
    if method == "org.varlink.service.GetInterfaceDescription":
        return {"description": client.get_interface(parameters["interface"]).get_description()}
    with client.open(interface_name) as proxy:
        described = hasattr(proxy, name)
    if not described:
        # The library refuses what the description does not name; a client of a later interface would ask all the same.
        client.add_interface(varlink.Interface(f"interface {interface_name}\nmethod {name}() -> ()\n"))
    with client.open(interface_name) as proxy:
        return getattr(proxy, name)(**parameters)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: python_client.py ADDRESS METHOD <PARAMETERS")
    try:
        client = varlink.Client.new_with_address(sys.argv[1])
        reply = {"parameters": call(client, sys.argv[2], json.load(sys.stdin))}
    except varlink.VarlinkError as error:
        reply = {"error": error.error(), "parameters": error.parameters()}
    print(json.dumps(reply))


if __name__ == "__main__":
    main()
