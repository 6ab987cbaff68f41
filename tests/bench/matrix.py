"""Verifications of valid keys beside redis GET and the echo server, for several numbers of connections and depths."""

from dialect import ECHO, REDIS_GET
from load import Traffic, run_load
from outcome import Outcome, rate
from servers import EchoServer, RedisServer
from bench_folder import middle, ratios

NAME = "matrix"
TITLE = "verify / redis GET, 10,000 valid keys (c connections, P in flight on each)"
CONNECTIONS, DEPTHS = (1, 8, 50), (1, 16, 64)
FLOOR, MOONSHOT = 1.0, 1.2
DEEP = {(8, 16): (1.4, 2.5), (50, 64): (1.4, 2.5)}
SECONDS = 1.0


def run(place):
    daemon, keys = place.shared()
    redis, echo = place.enter(RedisServer(place.folder)), place.enter(EchoServer(place.folder))
    redis.fill(keys)
    path = place.write_lines("keys", keys)
    servers = {"verify": (daemon.verify_socket, place.valid(keys)),
               "redis": (redis.socket, Traffic(place.folder, [(path, REDIS_GET)])),
               "echo": (echo.socket, Traffic(place.folder, [(path, ECHO)]))}
    for connections in CONNECTIONS:
        for depth in DEPTHS:
            results = place.alternate(f"c{connections} P{depth}", {
                name: lambda socket=socket, traffic=traffic: run_load(
                    socket, traffic, connections=connections, depth=depth, seconds=place.seconds(SECONDS))
                for name, (socket, traffic) in servers.items()})
            floor, moonshot = DEEP.get((connections, depth), (FLOOR, MOONSHOT))
            rates = ", ".join(f"{name} {rate(middle(results, name))}" for name in servers)
            yield Outcome(NAME, f"c{connections} P{depth}", ratios(results, "verify", "redis"), floor, moonshot,
                          note=f"{rates}; p50 {middle(results, 'verify', 'p50_us'):.0f} µs, "
                               f"p99 {middle(results, 'verify', 'p99_us'):.0f} µs")
