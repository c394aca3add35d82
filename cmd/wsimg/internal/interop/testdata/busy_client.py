"""Does what Autobahn can: fragments, pings and compresses.

    python3 busy_client.py ws://localhost:9000 image.jpg

Sends a JPEG as text and as binary, in fragments of 1,000 bytes with a ping
after each message, compressed. Ends with 0 when the server agreed to compress,
and all echoes and pongs are right.
"""

import base64
import sys

from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    connectWS,
)
from autobahn.websocket.compress import (
    PerMessageDeflateOffer,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)
from twisted.internet import reactor


class BusyClient(WebSocketClientProtocol):
    def onConnect(self, response):
        self.factory.compresses = bool(response.extensions)

    def onOpen(self):
        with open(self.factory.path, "rb") as f:
            image = f.read()
        text = base64.b64encode(image)
        self.expected = []
        for payload, isBinary in [(text, False), (image, True), (text, False)]:
            self.sendMessage(payload, isBinary, fragmentSize=1000)
            self.sendPing(b"after %d" % len(payload))
            self.expected += [(payload, isBinary), b"after %d" % len(payload)]

    def onMessage(self, payload, isBinary):
        self.came((payload, isBinary))

    def onPong(self, payload):
        self.came(payload)

    def came(self, what):
        if what != self.expected.pop(0):
            self.sendClose(3000, "that is not what was sent")
        elif not self.expected:
            self.sendClose(1000)

    def onClose(self, wasClean, code, reason):
        self.factory.right = wasClean and code == 1000 and not self.expected
        print("closed with", code, reason)
        reactor.stop()


def accept(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)


if __name__ == "__main__":
    factory = WebSocketClientFactory(sys.argv[1])
    factory.protocol = BusyClient
    # Timers round down to whole seconds, so that one of 1 may be none.
    factory.setProtocolOptions(
        closeHandshakeTimeout=10,
        serverConnectionDropTimeout=10,
        perMessageCompressionOffers=[PerMessageDeflateOffer()],
        perMessageCompressionAccept=accept,
    )
    factory.path = sys.argv[2]
    factory.compresses = factory.right = False
    connectWS(factory)
    reactor.run()
    sys.exit(0 if factory.compresses and factory.right else 1)
