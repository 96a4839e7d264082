"""The process that speaks to Spark: one session, many jobs, on this machine or on a cluster.

Started with its settings as JSON in the first argument. It reads orders from its standard input and writes what came of
them to file descriptor 3, one JSON text a line each:

    in   {"order": "run", "job": 1, "what": "…", "sql": "…", "into": "/folder",
          "sources": [{"name": "…", "schema": "…", "paths": ["/file", …]}, …]}
         {"order": "cancel", "job": 1}
    out  {"ready": "4.3.0"}
         {"job": 1, "done": true}
         {"job": 1, "failed": "Spark's messages, the outermost first"}

A job reads its sources as views of their names and writes the rows of its statement into a folder of Parquet files. It
knows nothing of Twofold's views. When its input ends, so does it, and the Java process that it started.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import traceback

settings = json.loads(sys.argv[1])
sys.path[:0] = settings["pythonPath"]
if settings["sparkHome"] is not None:
    os.environ["SPARK_HOME"] = settings["sparkHome"]
os.environ["PYSPARK_PYTHON"] = sys.executable
if settings["master"].startswith("local"):
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

replies = os.fdopen(3, "w", encoding="utf-8")
replies_lock = threading.Lock()


def reply(message):
    with replies_lock:
        replies.write(json.dumps(message) + "\n")
        replies.flush()


def leave(*_):
    """At once, with the Java process: nothing here is worth waiting for."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def is_alone(error):
    """Does the error say that the Java process is gone, and is it? It may end for reasons of its own."""
    from py4j.protocol import Py4JNetworkError

    java = getattr(spark.sparkContext._gateway, "proc", None)
    if java is None or not isinstance(error, (ConnectionError, EOFError, Py4JNetworkError)):
        return False
    try:
        java.wait(10)
        return True
    except subprocess.TimeoutExpired:
        return False


def said_by(error):
    """The messages of an error and of what caused it, the outermost first, each once."""
    said = []
    origin = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    while origin is not None and len(said) < 12:
        text = origin.toString()
        if not any(text in earlier for earlier in said):
            said.append(text[:4000])
        origin = origin.getCause()
    return said or [f"{type(error).__name__}: {error}"[:8000]]


def session_for(sources):
    """Of a job that reads little, plans cost more than rows: its session makes none of them faster than they have to be."""
    paths = [path for source in sources for path in source["paths"]]
    size = sum(os.path.getsize(path) for path in paths if os.path.exists(path))
    return small if size < settings["smallJobBytes"] else spark


def frame_of(session, source):
    """The files as they are: folders and names mean nothing, and one that is not there is an error."""
    frame = (
        session.read.schema(source["schema"])
        .option("__globPaths__", "false")
        .option("recursiveFileLookup", "true")
        .parquet(*source["paths"])
    )
    # Spark leaves out what it does not find when it lists files, and files without a byte. What goes later fails there.
    lacking = [path for path in source["paths"] if not os.path.exists(path) or os.path.getsize(path) == 0]
    if lacking or len(set(frame.inputFiles())) != len(source["paths"]):
        raise FileNotFoundError(f"a file is not there or is empty: {', '.join(lacking) or 'one that was there before'}")
    return frame


class Job(threading.Thread):
    def __init__(self, order):
        super().__init__(daemon=True)
        self.order = order
        self.group = f"twofold-{order['job']}"
        self.cancelled = threading.Event()
        self.ended = threading.Event()

    def run(self):
        number = self.order["job"]
        try:
            self.fold()
            reply({"job": number, "done": True})
        except BaseException as error:  # whatever it is, the other side waits for an end
            # Nothing here works again: that is for a new process.
            if is_alone(error):
                leave()
            # Nobody reads it, and a job that was cancelled may have written on after the other side took it away.
            shutil.rmtree(self.order["into"], ignore_errors=True)
            reply({"job": number, "failed": "\n".join(said_by(error))})
        finally:
            self.ended.set()
            jobs.pop(number, None)

    def fold(self):
        spark.sparkContext.setJobGroup(self.group, self.order["what"], interruptOnCancel=True)
        sources = self.order["sources"]
        session = session_for(sources)
        try:
            for source in sources:
                frame_of(session, source).createOrReplaceTempView(source["name"])
            if self.cancelled.is_set():
                raise RuntimeError("cancelled")
            rows = session.sql(self.order["sql"])
            rows.write.option("parquet.block.size", str(8 << 20)).parquet(self.order["into"])
        finally:
            for source in sources:
                session.catalog.dropTempView(source["name"])

    def cancel(self):
        """Again and again: what has not begun yet does not hear it."""
        self.cancelled.set()
        while not self.ended.wait(0.1):
            spark.sparkContext.cancelJobGroup(self.group)


jobs = {}


def start():
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(settings["master"]).appName(settings["name"])
    for name, value in settings["conf"].items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def for_small_jobs(session):
    """A session of the same Spark, with the same settings but for those that say how a plan is made."""
    other = session.newSession()
    for name, value in settings["smallJobConf"].items():
        other.conf.set(name, value)
    return other


def main():
    for line in sys.stdin:
        order = json.loads(line)
        if order["order"] == "run":
            job = Job(order)
            jobs[order["job"]] = job
            job.start()
        else:
            job = jobs.get(order["job"])
            if job is not None:
                threading.Thread(target=job.cancel, daemon=True).start()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, leave)
    try:
        spark = start()
        small = for_small_jobs(spark)
        reply({"ready": spark.version})
        main()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    leave()
