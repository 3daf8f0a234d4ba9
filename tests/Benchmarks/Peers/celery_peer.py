"""The job of the benchmark `peer` as a Celery user writes it: JPEG files to 224 x 224 px with Pillow, a hash of the pixels of each.

A worker is started with `celery -A celery_peer worker`; this file run as a program is the client: for each line `TASK FILES` on its standard
input it sends the tasks, waits until the last row is written and prints the seconds that took.

What a batch gives is written as rows of a CSV, since Debian has no pyarrow: one append for each task, which costs less than a Parquet file would.
"""
import os
import sys
import time

import kombu
import xxhash
from celery import Celery
from PIL import Image

SIZE = (224, 224)
BATCH = 64
ROW_BYTES = len('000000.jpg,') + 32 + 1
QUEUE = 'bench-peer'

files, table = os.environ['PEER_FILES'], os.environ['PEER_TABLE']

# Celery 5.2 asks for one prefetch for its whole channel, which quorum queues refuse; this makes it ask for one for each consumer.
kombu.Connection.qos_semantics_matches_spec = True
queue = kombu.Queue(QUEUE, durable=True, queue_arguments={'x-queue-type': 'quorum'})
app = Celery('celery_peer', broker=os.environ['PEER_BROKER'])
app.conf.update(
    broker_transport_options={'confirm_publish': True},
    task_acks_late=True,
    task_default_queue=QUEUE,
    task_ignore_result=True,
    task_queues=[queue],
)


def append(rows):
    output = os.open(table, os.O_WRONLY | os.O_APPEND)
    os.write(output, ''.join('%s,%s\n' % row for row in rows).encode())
    os.close(output)


def hashed(name, image):
    return name, xxhash.xxh3_128_hexdigest(image.tobytes())


@app.task
def naive(name):
    with Image.open(os.path.join(files, name)) as image:
        append([hashed(name, image.convert('RGB').resize(SIZE))])


@app.task
def draft(names):
    rows = []
    for name in names:
        with Image.open(os.path.join(files, name)) as image:
            image.draft('RGB', SIZE)
            rows.append(hashed(name, image.resize(SIZE, Image.BILINEAR)))
    append(rows)


def run(task, count):
    names = sorted(os.listdir(files))[:count]
    os.truncate(table, 0)
    start = time.perf_counter()
    if task == 'naive':
        for name in names:
            naive.delay(name)
    else:
        for first in range(0, len(names), BATCH):
            draft.delay(names[first:first + BATCH])
    while os.stat(table).st_size < len(names) * ROW_BYTES:
        time.sleep(0.005)
    return time.perf_counter() - start


if __name__ == '__main__':
    # A task's name holds the module's, which for a program is another one: the worker's is what is sent.
    from celery_peer import run
    for line in sys.stdin:
        task, count = line.split()
        print(run(task, int(count)), flush=True)
    with app.connection_for_write() as connection:
        queue(connection).delete()
