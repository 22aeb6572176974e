"""exec_python.py WAY URL: prints the status and the body that a program gets which knows of no proxy and no CA."""
import sys


def with_requests(url):
    import requests
    answer = requests.get(url, timeout=30)
    return answer.status_code, answer.text


def with_urllib(url):
    import urllib.error
    import urllib.request
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def with_aiohttp(url):
    import asyncio

    import aiohttp

    async def get():
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as answer:
            return answer.status, await answer.text()

    return asyncio.run(get())


def with_grpc(url):
    import grpc
    with grpc.secure_channel(url.removeprefix("https://").rstrip("/") + ":443", grpc.ssl_channel_credentials()) as channel:
        try:
            return 200, channel.unary_unary("/test.Echo/Unary")(b"hello", timeout=30).decode()
        except grpc.RpcError as error:
            return error.code().value[0], error.details()


status, body = {"requests": with_requests, "urllib": with_urllib, "aiohttp": with_aiohttp, "grpc": with_grpc}[sys.argv[1]](sys.argv[2])
print(status, body.strip())
