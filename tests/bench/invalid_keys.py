"""Keys that are not: with a wrong checksum, with a wrong secret, with an id that nobody has."""

import key_string
from dialect import MALFORMED, UNKNOWN, VALID
from load import Traffic, run_load
from outcome import Outcome, rate
from bench_folder import middle, ratios

NAME = "invalid"
TITLE = "invalid keys / valid keys; c8 P16"
SECONDS = 1.0
SOME = 1000
OPTIONS = {"connections": 8, "depth": 16}


def with_wrong_crc(key):
    return key[:-1] + ("1" if key[-1] != "1" else "2")


def run(place):
    daemon, keys = place.shared()
    wrong = (place.write_lines("keys-crc", map(with_wrong_crc, keys)), MALFORMED)
    tenth = (place.write_lines("keys-tenth", map(with_wrong_crc, keys[:len(keys) // 9])), MALFORMED)
    traffics = {"valid": place.valid(keys), "wrong CRC": Traffic(place.folder, [wrong]),
                "a tenth wrong CRC": Traffic(place.folder, [(place.write_lines("keys", keys), VALID), tenth])}
    results = place.alternate(NAME, {
        name: lambda traffic=traffic: run_load(daemon.verify_socket, traffic, seconds=place.seconds(SECONDS), **OPTIONS)
        for name, traffic in traffics.items()})
    yield Outcome(NAME, "wrong CRC / valid", ratios(results, "wrong CRC", "valid"), 1.0,
                  note=f"{rate(middle(results, 'wrong CRC'))}, valid {rate(middle(results, 'valid'))}")
    yield Outcome(NAME, "a tenth wrong CRC / valid", ratios(results, "a tenth wrong CRC", "valid"))
    yield from strangers(place, daemon, keys[:SOME])


def strangers(place, daemon, keys):
    """Keys that only the store or the token knows to be wrong. Few: who presents many is refused."""
    results = place.alternate(NAME, {
        name: lambda name=name, spoil=spoil: run_load(
            daemon.verify_socket, Traffic(place.folder, [(place.write_lines("keys-spoilt", map(spoil, keys)), UNKNOWN)]),
            warm=False)
        for name, spoil in (("unknown id", key_string.with_unknown_id), ("wrong secret", key_string.with_wrong_secret))})
    for name in results:
        yield Outcome(NAME, f"{name}, p50 of one call", [result["p50_us"] for result in results[name]], at_least=False,
                      unit="µs")
