"""What doutu, Chromium and other decoders say of many images: a site on loopback that serves them, one crawl of it, and
one page in a browser that looks at each."""
import asyncio
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import queue
import shutil
import sqlite3
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
PER_PAGE = 500
TYPES = {"jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif", "bmp": "image/bmp",
         "ico": "image/x-icon", "svg": "image/svg+xml"}


class Site(asyncio.Protocol):
    """bodies: by path, content type and bytes. What is posted goes to `posted`, after the path."""
    bodies, posted = {}, queue.Queue()

    def connection_made(self, transport):
        self.transport, self.unread = transport, b""

    def data_received(self, data):
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, rest = self.unread.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
            if len(rest) < length:
                return
            self.unread = rest[length:]
            method, path, _ = lines[0].split(" ", 2)
            if method == "POST":
                Site.posted.put(json.loads(rest[:length]))
            kind, body = Site.bodies.get(path, ("text/plain", b""))
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            self.transport.write(head.encode() + body)


def serve():
    ready, ports = threading.Event(), []

    async def run():
        server = await asyncio.get_running_loop().create_server(Site, "127.0.0.1", 0, backlog=1024)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait()
    return ports[0]


def doutu_verdicts(doutu, port, paths, limit):
    """By path: "" for an image that was saved, else the cause."""
    pages = [paths[i:i + PER_PAGE] for i in range(0, len(paths), PER_PAGE)]
    for number, page in enumerate(pages):
        Site.bodies[f"/list/{number}"] = ("text/html", "".join(f'<img src="{path}">' for path in page).encode())
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([doutu, "crawl", f"http://127.0.0.1:{port}/list/{{page}}", "--pages", f"0-{len(pages) - 1}", "--xpath",
                        "//img/@src", "--directory", folder, "--retries", "0", "--progress", "none", "--quiet"],
                       timeout=limit, check=False)
        ledger = sqlite3.connect(f"file:{folder}/.doutu/ledger.sqlite?mode=ro", uri=True)
        rows = ledger.execute("SELECT url, state, cause FROM images").fetchall()
        ledger.close()
    saved, duplicate = 1, 2
    verdicts = {"/" + url.split("/", 3)[3]: "" if state in (saved, duplicate) else cause or f"state {state}"
                for url, state, cause in rows}
    missing = [path for path in paths if path not in verdicts]
    if missing:
        raise SystemExit(f"doutu has no verdict of {len(missing)} images, among them {missing[0]}")
    return verdicts


class Look(collections.namedtuple("Look", "width height shown pixels frames is_silent", defaults=[(), True])):
    """What a browser or a decoder shows of an image: shown: how many pixels are not transparent; pixels: a sum over all of them;
    frames: such sums, of what moves; is_silent: the decoder did not complain. None in its place: nothing is shown."""

    def is_as(self, good):
        """Shows all that the good one does, to the pixel."""
        mine, others = (look._replace(is_silent=True) for look in (self, good))
        return mine == others if len(good.frames) > 1 else mine._replace(frames=()) == others._replace(frames=())

PAGE = r"""<!doctype html><script>
const kMost = 1 << 22;  // Pixels; larger images are looked at for their size only.
const canvas = document.createElement('canvas');
const context = canvas.getContext('2d', {willReadFrequently: true});

/// How many pixels are shown, and a sum over all.
function sum(source, width, height) {
  if (width * height > kMost || !width || !height) return [0, ''];
  canvas.width = width; canvas.height = height;
  context.drawImage(source, 0, 0);
  const data = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  let a = 2166136261, b = 7, shown = 0;
  for (let i = 0; i < data.length; ++i) {
    a = Math.imul(a ^ data[i], 16777619); b = Math.imul(b + data[i] | 0, 2654435761) ^ b >>> 15;
    if (data[i] >>> 24) ++shown;
  }
  return [shown, a + ' ' + b];
}

function load(url) {
  return new Promise(done => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => done(null);
    setTimeout(() => done('slow'), 30000);
    image.src = url;
  });
}

/// Every frame of an image that may move: a canvas is shown the first only.
async function frames_of(job) {
  const data = await (await fetch(job.path)).arrayBuffer();
  const decoder = new ImageDecoder({data, type: job.type});
  const frames = [];
  try {
    await decoder.tracks.ready;
    await decoder.completed;
    const count = Math.min(decoder.tracks.selectedTrack.frameCount, 20);
    for (let i = 0; i < count; ++i) {
      const {image} = await decoder.decode({frameIndex: i, completeFramesOnly: false});
      frames.push(sum(image, image.displayWidth, image.displayHeight)[1]);
      image.close();
    }
  } catch (error) {
  }
  decoder.close();
  return frames;
}

async function look(job) {
  const image = await load(job.path);
  if (image === null || image === 'slow') return [job.path, image];
  const size = [image.naturalWidth, image.naturalHeight];
  const [shown, pixels] = sum(image, ...size);
  return [job.path, [...size, shown, pixels, job.moves ? await frames_of(job) : []]];
}

(async () => {
  const jobs = await (await fetch('/jobs')).json();
  for (let i = 0; i < jobs.length; i += 20) {
    const looks = [];
    for (const job of jobs.slice(i, i + 20)) looks.push(await look(job));
    await fetch('/looks', {method: 'POST', body: JSON.stringify(looks)});
  }
})();
</script>"""


def chromium_looks(chromium, port, jobs, patience=120):
    """By path: a Look. jobs: path, content type and whether every frame is to be seen. It may be silent for `patience` seconds."""
    list_of_jobs = [{"path": path, "type": kind, "moves": moves} for path, kind, moves in jobs]
    Site.bodies["/jobs"] = ("application/json", json.dumps(list_of_jobs).encode())
    Site.bodies["/look"] = ("text/html", PAGE.encode())
    looks = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, open(os.devnull, "w", encoding="utf-8") as nothing:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # It starts no other way.
        browser = subprocess.Popen([chromium, "--headless=new", *as_root, "--disable-gpu", "--no-first-run", "--no-proxy-server",
                                    "--disable-background-networking", "--disable-component-update",
                                    f"--user-data-dir={profile}", f"http://127.0.0.1:{port}/look"],
                                   stdout=nothing, stderr=nothing)
        try:
            while len(looks) < len(jobs):
                looks.update(Site.posted.get(timeout=patience))
        except queue.Empty:
            raise SystemExit(f"Chromium stopped after {len(looks)} of {len(jobs)} images, before {jobs[len(looks)][0]}") from None
        finally:
            browser.terminate()
            browser.wait()
    return {path: Look(*seen[:4], tuple(seen[4])) if isinstance(seen, list) else None for path, seen in looks.items()}


# --- Other decoders: of what Chromium does not show, and of what it shows less of. {f}: the image, {t}: a name for what they write.

PAGES = "convert {f} -depth 8 rgba:{t}"  # And frames.
DECODERS = {
    "heic": "heif-convert -q 100 {f} {t}.png && convert {t}.png rgba:{t}",
    "jxl": "djxl {f} {t}.png && convert {t}.png rgba:{t}",
    "jxl-bare": "djxl {f} {t}.png && convert {t}.png rgba:{t}",
    "tiff": PAGES,
    "arithmetic": "djpeg -ppm -outfile {t} {f}",
    "lossless": "ffmpeg -v error -xerror -err_detect explode -y -i {f} -f rawvideo {t}",
    "jpeg": PAGES, "gif": PAGES, "bmp": PAGES, "ico": PAGES,
    "png": "ffmpeg -v error -y -f apng -i {f} -pix_fmt rgba64 -f rawvideo {t}",
    "webp": "dwebp -quiet {f} -pam -o {t} || ffmpeg -v error -xerror -y -i {f} -f rawvideo {t}",
    "avif": "avifdec {f} {t}.png && convert {t}.png rgba:{t}",
    "svg": "rsvg-convert {f} -o {t}.png && convert {t}.png rgba:{t}",
}


def decoder_pixels(folder, number, type_, body):
    """All that a decoder writes of them, of every page and frame, and whether it did so without complaint."""
    own = folder / str(number)
    own.mkdir()
    (own / f"image.{type_}").write_bytes(body)
    try:
        done = subprocess.run(["bash", "-c", DECODERS[type_].format(f=f"image.{type_}", t="pixels")], capture_output=True, timeout=60,
                              check=False, cwd=own)
        is_silent = done.returncode == 0 and not done.stderr
    except subprocess.TimeoutExpired:
        is_silent = False
    pixels = (own / "pixels").read_bytes() if (own / "pixels").exists() else b""
    shutil.rmtree(own)
    return pixels, is_silent


def of_all(images, see):
    """What see(folder, number, type, body) returns, by path. images: path, type and bytes of each."""
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        seen = pool.map(lambda job: see(pathlib.Path(folder), job[0], *job[1][1:]), enumerate(images))
        return {path: one for (path, *_), one in zip(images, seen)}


def decoder_looks(images):
    """Width and height are not asked, and stand as 0: shown is the number of bytes of all pixels, of all frames."""
    def look(*image):
        pixels, is_silent = decoder_pixels(*image)
        return Look(0, 0, len(pixels), hashlib.sha256(pixels).hexdigest(), (), is_silent) if pixels else None
    return of_all(images, look)
