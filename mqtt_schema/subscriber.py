#!/usr/bin/env python3
"""Print one line for each message of a network: ``subscriber.py HOST [PORT] [CA.pem CERT.pem KEY.pem]``.

Needs only paho-mqtt 2. Ports other than 1883 want TLS and so the three files. Ctrl-C ends it.
"""

import json
import sys

import paho.mqtt.client as mqtt


def on_connect(client, _userdata, _flags, reason, _properties):  # noqa: ANN001, ANN201, D103 (paho's own signature)
    print("connected" if not reason.is_failure else f"refused: {reason}", flush=True)  # noqa: T201 (its whole purpose)
    client.subscribe("estation/v1/+/+/+", qos=1)


def on_message(_client, _userdata, message):  # noqa: ANN001, ANN201, D103 (paho's own signature)
    region, station, leaf = message.topic.split("/")[2:]
    try:
        words = json.dumps(json.loads(message.payload), ensure_ascii=False)
    except (ValueError, RecursionError):  # not JSON: somebody else's message, or a broken one
        words = repr(message.payload[:100])
    print(f"{region} {station} {leaf}: {words[:200]}", flush=True)  # noqa: T201 (its whole purpose)


host, port = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1883
listener = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
if len(sys.argv) > 5:
    listener.tls_set(*sys.argv[3:6])
listener.on_connect, listener.on_message = on_connect, on_message
listener.connect(host, port)
listener.loop_forever()
