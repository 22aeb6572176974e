"""fetch.py URL PROXY-URL: prints the body that urllib gets through the proxy, trusting what Python trusts by itself."""
import ssl
import sys
import urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": sys.argv[2]}),
                                     urllib.request.HTTPSHandler(context=ssl.create_default_context()))
print(opener.open(sys.argv[1]).read().decode(), end="")
