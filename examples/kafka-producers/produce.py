"""Writes one user's clicks to Attune's clickstream topic.

    pip install confluent-kafka
    KAFKA_BROKERS=localhost:9092 TRACKING_ID=... python produce.py
"""

import json
import os
import time
import uuid

from confluent_kafka import Producer

producer = Producer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "localhost:9092"),
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "zstd",
    }
)
failures = []


def on_delivery(error, message):
    if error is not None:
        failures.append(error)


def put_event(user_id, session_id, event_type, item_id):
    call = {
        "trackingId": os.environ["TRACKING_ID"],
        "userId": user_id,
        "sessionId": session_id,
        # With an id of its own, an event that is sent twice counts once.
        "eventList": [
            {"eventId": str(uuid.uuid4()), "eventType": event_type, "itemId": item_id, "sentAt": time.time()}
        ],
    }
    # Keyed by user, one user's events keep their order.
    producer.produce(
        os.environ.get("CLICKSTREAM_TOPIC", "clickstream"),
        key=user_id,
        value=json.dumps(call),
        on_delivery=on_delivery,
    )


for item in ["film-1", "film-2", "film-3"]:
    put_event("ada", "visit-1", "click", item)

unsent = producer.flush(10)
if failures or unsent:
    raise SystemExit(f"{len(failures) + unsent} events were not taken: {failures}")
print("3 events were taken")
