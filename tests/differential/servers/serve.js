// serve.js SPECS: an HTTPS server of Node's for each line of JSON in the file; writes NAME and its port a line when it listens on 127.0.0.1. "chain" and
// "key" are files, "http2" is "only" or "too", the rest are tls.createServer's options.
const fs = require('fs');
const http2 = require('http2');
const https = require('https');

for (const line of fs.readFileSync(process.argv[2], 'utf8').trim().split('\n')) {
  const { name, chain, key, http2: form, ...options } = JSON.parse(line);
  const given = { ...options, cert: fs.readFileSync(chain), key: fs.readFileSync(key), allowHTTP1: form === 'too' };
  const answer = (_, response) => response.end('hello');
  const server = form ? http2.createSecureServer(given, answer) : https.createServer(given, answer);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1', () => console.log(name, server.address().port));
}
