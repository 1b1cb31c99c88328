from callboard.transport import Transport


class Resource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
