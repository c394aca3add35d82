"""Sends a JPEG to a server as one Base64 text message, and reads the echo.

    python3 echo_client.py ws://localhost:9000 image.jpg

Needs Autobahn and Twisted. Ends with 0 when the echo is what was sent.
"""

import base64
import sys

from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    connectWS,
)
from twisted.internet import reactor


class EchoClient(WebSocketClientProtocol):
    def onOpen(self):
        with open(self.factory.path, "rb") as f:
            self.sent = base64.b64encode(f.read())
        self.sendMessage(self.sent, isBinary=False)

    def onMessage(self, payload, isBinary):
        self.factory.echoed = payload == self.sent and not isBinary
        print("%d bytes came back of %d" % (len(payload), len(self.sent)))
        self.sendClose(1000)

    def onClose(self, wasClean, code, reason):
        self.factory.clean = wasClean and code == 1000
        print("closed with", code, reason)
        reactor.stop()


if __name__ == "__main__":
    factory = WebSocketClientFactory(sys.argv[1])
    factory.protocol = EchoClient
    # Its timers round down to whole seconds, so that one of 1 may be none.
    factory.setProtocolOptions(closeHandshakeTimeout=10, serverConnectionDropTimeout=10)
    factory.path = sys.argv[2]
    factory.echoed = factory.clean = False
    connectWS(factory)
    reactor.run()
    sys.exit(0 if factory.echoed and factory.clean else 1)
