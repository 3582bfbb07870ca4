#!/usr/bin/env python3
"""What extract_bench measures, done by lxml: lxml_extract.py PAGE [ROUNDS]"""
import sys
import time
from urllib.parse import urljoin

import lxml
from lxml import etree, html

XPATH = "//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original"
URL = "http://example.com/photo/list/?page=1"

with open(sys.argv[1], "rb") as file:
    page = file.read()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
select = etree.XPath(XPATH)
start = time.perf_counter()
for _ in range(rounds):
    links = [urljoin(URL, value) for value in select(html.document_fromstring(page))]
took = (time.perf_counter() - start) / rounds
assert len(links) == 68, len(links)
print(f"lxml {lxml.__version__}: {took * 1e6:.0f} us a page of {len(page)} bytes, {len(page) / took / 1e6:.0f} MB/s")
