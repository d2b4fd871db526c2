"""Network namespaces: nodes on one machine that can be cut off from one another."""

import os
import shlex
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from contextlib import suppress


class NoNamespaces(Exception):
    """Network namespaces cannot be made here; the message says why."""


def _ip(*arguments: str) -> None:
    command = ["ip", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NoNamespaces(f"`{shlex.join(command)}`: {done.stderr.strip()}")


class Network:
    """A namespace per node, all plugged into a bridge; this process reaches them. Needs root and `ip`.

    The bridge is in a namespace too: a firewall of this machine, such as Docker's, would drop what it passes on.
    """

    def __init__(self, nodes: Sequence[int]) -> None:
        """Nodes have numbers from 1 to 253, which end their addresses."""
        self._nodes = nodes
        tag = uuid.uuid4().hex[:5]
        self._subnet = f"10.{200 + int(tag[:1], 16)}.{int(tag[1:3], 16)}"
        self._name = f"bo{tag}"

    def namespace(self, node: int) -> str:
        return f"{self._name}-{node}"

    def address(self, node: int) -> str:
        return f"{self._subnet}.{node}"

    def set_up(self) -> None:
        """Raises NoNamespaces, and leaves nothing behind then."""
        if shutil.which("ip") is None or os.geteuid() != 0:
            raise NoNamespaces("network namespaces take the `ip` command and root")
        try:
            _ip("netns", "add", self._hub)
            _ip("-n", self._hub, "link", "add", "bridge", "type", "bridge")
            _ip("-n", self._hub, "link", "set", "bridge", "up")
            _ip("link", "add", self._name, "type", "veth", "peer", "name", "here", "netns", self._hub)
            _ip("-n", self._hub, "link", "set", "here", "master", "bridge", "up")
            _ip("addr", "add", f"{self._subnet}.254/24", "dev", self._name)
            _ip("link", "set", self._name, "up")
            for node in self._nodes:
                self._add(node)
        except NoNamespaces:
            self.tear_down()
            raise

    @property
    def _hub(self) -> str:
        return f"{self._name}-hub"

    def _add(self, node: int) -> None:
        inside = ("-n", self.namespace(node))
        _ip("netns", "add", self.namespace(node))
        _ip(*inside, "link", "add", "eth0", "type", "veth", "peer", "name", f"node{node}", "netns", self._hub)
        _ip("-n", self._hub, "link", "set", f"node{node}", "master", "bridge", "up")
        _ip(*inside, "addr", "add", f"{self.address(node)}/24", "dev", "eth0")
        _ip(*inside, "link", "set", "eth0", "up")
        _ip(*inside, "link", "set", "lo", "up")

    def cut(self, node: int) -> None:
        """From now on nobody reaches this node, nor it anybody."""
        _ip("-n", self._hub, "link", "set", f"node{node}", "down")

    def heal(self, node: int) -> None:
        _ip("-n", self._hub, "link", "set", f"node{node}", "up")

    def tear_down(self) -> None:
        """What is plugged into a namespace goes with it."""
        for namespace in (*(self.namespace(node) for node in self._nodes), self._hub):
            with suppress(NoNamespaces):  # not all of them need have been made
                _ip("netns", "del", namespace)
