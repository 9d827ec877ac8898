"""The stand-in as tests use it: a process of its own on a free port, and its doors for faults and for looking."""

import subprocess
import sys
from contextlib import contextmanager

import httpx
from django.conf import settings

from demo import processes
from voice import sessions
from voice.gateway import brake


class StandIn:
    """One running stand-in."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(base_url=self.url, headers={"xi-api-key": "key-of-the-tests"}, timeout=20)

    def fail(self, do, path="*", **rule):
        """Let requests fail: see the stand-in's README for what ``do`` may be."""
        self.http.post("/standin/faults", json={"on": "http", "do": do, "path": path, **rule}).raise_for_status()

    def mend(self):
        self.http.delete("/standin/faults").raise_for_status()

    def forget_requests(self):
        self.http.delete("/standin/requests").raise_for_status()

    def requests(self, method, path=""):
        """What arrived, as (method, path) told."""
        rows = self.http.get("/standin/requests", params={"path": path}).json()["requests"]
        return [row for row in rows if row["method"] == method]

    def all_requests(self):
        """What arrived, oldest first."""
        return self.http.get("/standin/requests").json()["requests"]

    def agents(self):
        return self.http.get("/v1/convai/agents", params={"page_size": 100}).json()["agents"]

    def agent(self, agent_id):
        return self.http.get(f"/v1/convai/agents/{agent_id}").json()

    def tools(self, kind="webhook"):
        """Those of a persona each; of the kind "client" the commands that all share."""
        return self.http.get("/v1/convai/tools", params={"page_size": 100, "types": kind}).json()["tools"]

    def empty(self):
        """As new: no agents, no tools, no faults."""
        self.mend()
        for agent in self.agents():
            self.http.delete(f"/v1/convai/agents/{agent['agent_id']}").raise_for_status()
        for tool in [*self.tools(), *self.tools("client")]:
            self.http.delete(f"/v1/convai/tools/{tool['id']}", params={"force": "true"}).raise_for_status()
        self.forget_requests()
        forget()


def forget():
    """Let nothing that another test's other side did hold this one up."""
    brake.release()
    sessions.line.reset()


@contextmanager
def running(folder, *flags):
    """A stand-in of our own, stopped at the end."""
    port = processes.free_port()
    command = [sys.executable, "-m", "voice.standin", "--port", str(port), "--speech", "tones", *flags]
    with (folder / "standin.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=log, stderr=subprocess.STDOUT)
    try:
        assert processes.wait_for_port(port, process, seconds=60), (folder / "standin.log").read_text()
        yield StandIn(port)
    finally:
        process.terminate()
        process.wait(20)
