"""Decodes images that come as Base64 text, saves them and echoes the message.

    python3 echo_server.py image.jpg

Binary messages are images as they are. Each image replaces the one saved before
it. Needs Autobahn and Twisted. Prints where it listens, and ends with its
standard input.
"""

import base64
import sys

from autobahn.twisted.websocket import (
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from twisted.internet import reactor


class EchoServer(WebSocketServerProtocol):
    def onMessage(self, payload, isBinary):
        image = payload if isBinary else base64.b64decode(payload)
        with open(self.factory.path, "wb") as f:
            f.write(image)
        self.sendMessage(payload, isBinary)


def end_with_input():
    sys.stdin.read()
    reactor.callFromThread(reactor.stop)


if __name__ == "__main__":
    factory = WebSocketServerFactory()
    factory.protocol = EchoServer
    factory.path = sys.argv[1]
    listening = reactor.listenTCP(0, factory, interface="127.0.0.1")
    print("ws://127.0.0.1:%d" % listening.getHost().port, flush=True)
    reactor.callInThread(end_with_input)
    reactor.run()
