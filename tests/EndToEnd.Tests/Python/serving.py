"""Serves a kind of stage in every run of a store that hosts serve. src/Messages/README.md has the contract."""

import argparse
import glob
import json
import os
import signal
import time

import pika
from batches import Batch, read_json

PREFETCH = 4
WAITS = (10, 60, 300)  # seconds that a message waits in the queues beside the stage's
MOST_ATTEMPTS = 5


def main(manifest, work):
    """Reads the command line and serves until SIGTERM or Ctrl-C.

    The manifest is the path of the kind's; work is given a row and the folder of the input, and gives the columns that are added."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--broker", required=True, help="amqp://host:port; user and password come from the environment")
    arguments.add_argument("--store", required=True, help="the folder that hosts share")
    given = arguments.parse_args()
    broker = pika.URLParameters(given.broker)
    user, password = os.environ.get("PIPELINE_BROKER_USER", "guest"), os.environ.get("PIPELINE_BROKER_PASSWORD", "guest")
    broker.credentials = pika.PlainCredentials(user, password)
    serving = Serving(broker, given.store, read_json(manifest), work)
    signal.signal(signal.SIGTERM, serving.stop)
    signal.signal(signal.SIGINT, serving.stop)
    serving.run()


class Serving:
    """Consumes the stage's queue in each run. It declares nothing: commands do."""

    def __init__(self, broker, store, manifest, work):
        self.broker, self.store, self.manifest, self.work = broker, store, manifest, work
        self.connection = None
        self.channels = {}  # by run, stage and what was submitted
        self.stopping = False

    def stop(self, *_):
        """Ends after the batch at hand; what was delivered besides goes back to the broker."""
        self.stopping = True

    def run(self):
        """Serves until it is stopped; a connection that is lost is made again."""
        while not self.stopping:
            try:
                self.connection, self.channels = pika.BlockingConnection(self.broker), {}
                while not self.stopping:
                    self.look()
                    self.connection.process_data_events(time_limit=1)
                self.connection.close()
            except (pika.exceptions.AMQPError, OSError) as error:
                print(f"broker and store are asked again in a second: {error!r}", flush=True)
                time.sleep(1)

    def look(self):
        """Consumes where a run is served, and leaves where it is not any more."""
        wanted = {}
        for path in glob.glob(f"{self.store}/submissions/*.json"):
            submission = read_json(path)
            output = f"{self.store}/{submission['run']}"
            plans = read_json(f"{output}/plans.json")
            ready = all(os.path.exists(f"{output}/artifacts/{name}.json") for name in self.manifest["needs"])
            if submission["wanted"] == "Running" and plans is not None and ready:
                stages = [item for plan in plans["plans"].values() for item in plan.items()]  # one that was removed has batches still
                names = {name for name, stage in stages if stage["kind"] == self.manifest["name"]} - set(plans["paused"])
                wanted |= {(submission["run"], name, submission["sequence"]): submission for name in names}
        for key in self.channels.keys() - wanted.keys():
            self.leave(key)
        for key in wanted.keys() - self.channels.keys():
            self.consume(key, wanted[key])

    def consume(self, key, submission):
        run, stage, _ = key
        channel = self.connection.channel()
        channel.confirm_delivery()
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.add_on_cancel_callback(lambda _: self.leave(key))  # the queue was deleted
        try:
            channel.basic_consume(queue(run, stage), lambda *delivery: self.on_delivery(submission, stage, *delivery))
        except pika.exceptions.ChannelClosedByBroker as error:
            if error.reply_code != 404:
                raise
            return  # the queue is declared in a moment, or was just deleted
        self.channels[key] = channel
        print(f"serves {stage} of {run}", flush=True)

    def leave(self, key):
        channel = self.channels.pop(key, None)
        if channel is not None and channel.is_open:
            channel.close()
        print(f"left {key[1]} of {key[0]}", flush=True)

    def on_delivery(self, submission, stage, channel, method, properties, body):
        """One batch: its files first, then the message with the broker's confirm, then the acknowledgement."""
        headers = properties.headers or {}
        attempts = int(headers.get("pipeline-attempts", 0))
        moved = {"pipeline-type": "BatchReady", "pipeline-key": headers.get("pipeline-key", method.routing_key)}
        batch = Batch(f"{self.store}/{submission['run']}", submission, self.manifest, stage, json.loads(body))
        if batch.is_superseded:
            channel.basic_ack(method.delivery_tag)
            return
        try:
            standing = batch.standing()
            ready = None if standing else batch.find() or batch.do(self.work)
        except Exception as error:  # whatever it is, the run goes on without this batch
            if isinstance(error, OSError) and attempts < MOST_ATTEMPTS:  # files that cannot be read or written now
                wait = f"{queue(submission['run'], stage)}.wait.{WAITS[min(attempts, 2)]}"
                publish(channel, "", wait, {**moved, "pipeline-attempts": str(attempts + 1)}, body)
            else:
                record = batch.fail(error, attempts)
                tell_failed(channel, batch, record)
                reason = f"{record['error']}: {record['message']}"
                publish(channel, "amq.direct", queue(submission["run"], stage), {**moved, "pipeline-reason": reason}, body)
        else:
            if standing:
                tell_failed(channel, batch, standing)
            else:
                tell(channel, submission["run"], f"{ready['version']}.{stage}", "BatchReady", ready)
        channel.basic_ack(method.delivery_tag)


def tell_failed(channel, batch, record):
    message = {name: batch.message[name] for name in ("run", "version", "batch", "shards")}
    message |= {"stage": batch.stage, "error": record["error"], "message": record["message"]}
    tell(channel, message["run"], f"event.BatchFailed.{batch.stage}", "BatchFailed", message)


def tell(channel, run, key, kind, message):
    """Publishes a message of the run; that no queue wants it is no error."""
    publish(channel, f"run.{run}", key, {"pipeline-type": kind}, json.dumps(message).encode(), mandatory=False)


def publish(channel, exchange, key, headers, body, mandatory=True):
    """Publishes; returns when the broker has confirmed it."""
    properties = pika.BasicProperties(content_type="application/json", delivery_mode=2, headers=headers)
    channel.basic_publish(exchange, key, body, properties, mandatory=mandatory)


def queue(run, stage):
    return f"run.{run}.{stage}"
