#!/usr/bin/env python3
"""URLs per second from one process to another through multiprocessing.Queue: what lane_bench is compared with."""

import multiprocessing
import time

URL = "https://img.example.com/production/uploads/image/2019/03/04/20190304630000_abcdef.jpg"
COUNT = 200_000


def produce(queue):
    for _ in range(COUNT):
        queue.put(URL)
    queue.put(None)


def main():
    queue = multiprocessing.Queue()
    producer = multiprocessing.Process(target=produce, args=(queue,))
    started = time.monotonic()
    producer.start()
    received = sum(1 for _ in iter(queue.get, None))
    seconds = time.monotonic() - started
    producer.join()
    assert received == COUNT
    print(f"multiprocessing.Queue: {received / seconds:,.0f} URLs/s")


if __name__ == "__main__":
    main()
