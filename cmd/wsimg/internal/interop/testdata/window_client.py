"""Has little memory to inflate with.

    python3 window_client.py ws://localhost:9000 image.jpg BITS

Asks for a window of 2**BITS bytes, and sends a text message compressed, in which
an image comes back again and again, further apart than that. The echo is inflated
with that window, a few bytes at a time: of what came before, zlib then has no more
than the window. Ends with 0 when the server agreed on it, compressed its echo, and
all is right.
"""

import base64
import sys

from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    connectWS,
)
from autobahn.websocket.compress import (
    PerMessageDeflate,
    PerMessageDeflateOffer,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)
from twisted.internet import reactor

AT_ONCE = 16


def inflate(self, data):
    """Takes the place of Autobahn's own, which lets zlib see all it has put out."""
    message = b""
    while True:
        part = self._decompressor.decompress(data, AT_ONCE)
        message += part
        data = self._decompressor.unconsumed_tail
        if not data and len(part) < AT_ONCE:
            inflated.append(len(message))
            return message


inflated = []
PerMessageDeflate.decompress_message_data = inflate


class SmallClient(WebSocketClientProtocol):
    def onConnect(self, response):
        self.factory.agreed = [e.server_max_window_bits for e in response.extensions]

    def onOpen(self):
        with open(self.factory.path, "rb") as f:
            image = base64.b64encode(f.read(6000))
        self.expected = image * 5
        self.sendMessage(self.expected, False)

    def onMessage(self, payload, isBinary):
        self.factory.right = payload == self.expected and not isBinary
        self.sendClose(1000)

    def onClose(self, wasClean, code, reason):
        self.factory.right &= wasClean and code == 1000
        print("closed with", code, reason)
        reactor.stop()


def accept(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)


if __name__ == "__main__":
    bits = int(sys.argv[3])
    factory = WebSocketClientFactory(sys.argv[1])
    factory.protocol = SmallClient
    # Timers round down to whole seconds, so that one of 1 may be none.
    factory.setProtocolOptions(
        closeHandshakeTimeout=10,
        serverConnectionDropTimeout=10,
        perMessageCompressionOffers=[
            PerMessageDeflateOffer(request_max_window_bits=bits)
        ],
        perMessageCompressionAccept=accept,
    )
    factory.path = sys.argv[2]
    factory.agreed, factory.right = [], False
    connectWS(factory)
    reactor.run()
    print("agreed on windows of", factory.agreed, "bits, inflated", sum(inflated), "bytes")
    sys.exit(0 if factory.agreed == [bits] and inflated and factory.right else 1)
