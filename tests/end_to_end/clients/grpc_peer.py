"""Debian's python3-grpcio: `grpc_peer.py serve CERT KEY` is a server of test.Echo, `grpc_peer.py talk TARGET CA STORY` a client that tells
in JSON what came of its calls; without a CA the channel is in the clear. clients/grpc.js is the same in JavaScript. Messages are bytes."""
import concurrent.futures
import hashlib
import json
import sys
import threading

import grpc

LARGE = bytes(range(256)) * 16_384  # 4 MiB, the most that both libraries receive by default
PINGS = [("grpc.keepalive_time_ms", 200), ("grpc.keepalive_permit_without_calls", 1), ("grpc.http2.max_pings_without_data", 0),
         ("grpc.http2.min_time_between_pings_ms", 100)]
SERVERS_PINGS = [*PINGS, ("grpc.http2.min_recv_ping_interval_without_data_ms", 10), ("grpc.http2.max_ping_strikes", 0)]


def unary(request, context):
    asked = dict(context.invocation_metadata())
    context.send_initial_metadata([("x-text", asked.get("x-text", "")), ("x-data-bin", asked.get("x-data-bin", b""))])
    context.set_trailing_metadata([("x-end-bin", b"\x00\xff\x80"), ("x-sum", hashlib.sha256(request).hexdigest())])
    return request


def collect(requests, _):
    return b"+".join(requests)


def spread(request, _):
    for piece in request.split(b"+"):
        yield piece


def chat(requests, _):
    for each in requests:
        yield each.upper()


def fail(_, context):
    context.set_trailing_metadata([("x-why-bin", b"\x00why")])
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "100% wrong, \u00e9 and\nmore")


def slow(request, context):
    """Until its client wants no more, which it tells."""
    ended = threading.Event()
    context.add_callback(ended.set)
    context.send_initial_metadata([("x-begun", "1")])
    ended.wait()
    print("ended " + request.decode(), flush=True)
    return b""


def idle(request, context):
    """Says something only after that many seconds."""
    yield b"begun"
    threading.Event().wait(float(request))
    yield b"awake"


def serve(cert, key):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(20), options=[("grpc.so_reuseport", 0), *SERVERS_PINGS])
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Echo", {
        "Unary": grpc.unary_unary_rpc_method_handler(unary), "Collect": grpc.stream_unary_rpc_method_handler(collect),
        "Spread": grpc.unary_stream_rpc_method_handler(spread), "Chat": grpc.stream_stream_rpc_method_handler(chat),
        "Fail": grpc.unary_unary_rpc_method_handler(fail), "Slow": grpc.unary_unary_rpc_method_handler(slow),
        "Idle": grpc.unary_stream_rpc_method_handler(idle)})])
    with open(cert, "rb") as chain, open(key, "rb") as private:
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(private.read(), chain.read())]))
    server.start()
    print(f"listening on {port}", flush=True)
    server.wait_for_termination()


def told(error):
    return {"code": error.code().value[0], "details": error.details(), "trailing": {name: value.hex() if name.endswith("-bin") else value
                                                                                     for name, value in error.trailing_metadata() or ()}}


def failure(call):
    try:
        call()
    except grpc.RpcError as error:
        return told(error)
    return None


class Stories:
    def __init__(self, channel):
        self.channel = channel

    def every_kind(self):
        channel = self.channel
        asked = [("x-text", "words"), ("x-data-bin", b"\x00\x01\xfe\xff")]
        said, call = channel.unary_unary("/test.Echo/Unary").with_call(b"hello", metadata=asked, timeout=30)
        initial, trailing = dict(call.initial_metadata()), dict(call.trailing_metadata())
        chat = channel.stream_stream("/test.Echo/Chat")
        turns = Turns([b"one", b"two", b"six"])
        answers = []
        for answer in chat(turns, timeout=30):
            answers.append(answer.decode())
            turns.go_on.release()  # the next is sent once this one was answered
        many = [channel.unary_unary("/test.Echo/Unary").future(b"%d" % number, timeout=30) for number in range(50)]
        return {"unary": said.decode(), "initial": [initial["x-text"], initial["x-data-bin"].hex()],
                "trailing": [trailing["x-end-bin"].hex(), trailing["x-sum"]],
                "collect": channel.stream_unary("/test.Echo/Collect")(iter([b"a", b"", b"b"]), timeout=30).decode(),
                "spread": [each.decode() for each in channel.unary_stream("/test.Echo/Spread")(b"a+b+c", timeout=30)], "chat": answers,
                "many": [each.result().decode() for each in many]}

    def large(self):
        return self.channel.unary_unary("/test.Echo/Unary")(LARGE, timeout=60) == LARGE

    def failing(self):
        return failure(lambda: self.channel.unary_unary("/test.Echo/Fail")(b"", timeout=30))

    def missing(self):
        return failure(lambda: self.channel.unary_unary("/test.Echo/None")(b"", timeout=30))

    def unary(self):
        return failure(lambda: self.channel.unary_unary("/test.Echo/Unary")(b"secret", timeout=30)) or {"code": 0}

    def streaming(self):
        return failure(lambda: list(self.channel.stream_stream("/test.Echo/Chat")(iter([b"secret"]), timeout=30))) or {"code": 0}

    def deadline(self):
        return failure(lambda: self.channel.unary_unary("/test.Echo/Slow")(b"deadline", timeout=0.5))

    def cancel(self):
        call = self.channel.unary_stream("/test.Echo/Slow")(b"cancel", timeout=30)
        call.initial_metadata()  # it has begun
        call.cancel()
        return {"code": call.code().value[0]}

    def idle(self):
        return [each.decode() for each in self.channel.unary_stream("/test.Echo/Idle")(b"2.5", timeout=30)]


class Turns:
    """Requests of which each waits for its turn."""

    def __init__(self, messages):
        self.messages = list(messages)
        self.go_on = threading.Semaphore(1)

    def __iter__(self):
        return self

    def __next__(self):
        self.go_on.acquire()
        if not self.messages:
            raise StopIteration
        return self.messages.pop(0)


def talk(target, authority, *stories):
    if authority:
        with open(authority, "rb") as file:
            channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(file.read()), options=PINGS)
    else:
        channel = grpc.insecure_channel(target, options=PINGS)
    with channel:
        print(json.dumps({story: getattr(Stories(channel), story)() for story in stories}))


{"serve": serve, "talk": talk}[sys.argv[1]](*sys.argv[2:])
